import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers, startChild } from './child.ts';
import { findTool } from './tools.ts';

/** Most sessions at a time of one sink; its default is 256. */
const MAX_SESSIONS = 8_000;

/** Two Postfix smtp-sinks; they count what they took. */
export interface Sinks {
  readonly ports: readonly number[];
  /** Messages taken since start, all sinks. */
  taken(): number;
  stop(): Promise<void>;
}

/**
 * Starts one smtp-sink per port. `-c` makes it print a running count; that goes to a file in `folder`, of
 * which only the end is read when somebody asks, so that counting costs this process nothing.
 */
export async function startSinks(ports: readonly number[], folder: string): Promise<Sinks> {
  const program = findTool('smtp-sink');
  if (program === undefined) throw new Error('smtp-sink is not installed (Debian: postfix)');
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const files = ports.map((port) => join(folder, `sink-${port}`));
  const children = ports.map((port, index) =>
    startChild(program, [...user, '-c', '-m', `${MAX_SESSIONS}`, `127.0.0.1:${port}`, '1024'], {
      cwd: '/',
      outputFile: files[index] ?? '',
    }),
  );
  await Promise.all(ports.map((port) => portAnswers(port)));
  return {
    ports,
    taken: () => files.reduce((sum, file) => sum + lastCount(file), 0),
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}

/** The last complete `mesg=N` of a running count that uses carriage returns. */
function lastCount(file: string): number {
  const handle = openSync(file, 'r');
  try {
    const tail = Buffer.alloc(256);
    const start = Math.max(0, fstatSync(handle).size - tail.length);
    const text = tail.toString('latin1', 0, readSync(handle, tail, 0, tail.length, start));
    return Number([...text.matchAll(/mesg=(\d+)\s/g)].at(-1)?.[1] ?? 0);
  } finally {
    closeSync(handle);
  }
}
