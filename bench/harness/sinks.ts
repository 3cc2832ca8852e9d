import { portAnswers, startChild } from './child.ts';
import { findTool } from './tools.ts';

/** Two Postfix smtp-sinks; they count what they took. */
export interface Sinks {
  readonly ports: readonly number[];
  /** Messages taken since start, all sinks. */
  taken(): number;
  stop(): Promise<void>;
}

/** Starts one smtp-sink per port; `-c` makes it print a running count. */
export async function startSinks(ports: readonly number[]): Promise<Sinks> {
  const program = findTool('smtp-sink');
  if (program === undefined) throw new Error('smtp-sink is not installed (Debian: postfix)');
  const counts = ports.map(() => 0);
  const children = ports.map((port, index) => {
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const child = startChild(program, [...user, '-c', `127.0.0.1:${port}`, '1024'], '/');
    child.process.stdout?.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const at = text.lastIndexOf('mesg=');
      if (at >= 0) counts[index] = Number.parseInt(text.slice(at + 5), 10);
    });
    return child;
  });
  await Promise.all(ports.map((port) => portAnswers(port)));
  return {
    ports,
    taken: () => counts.reduce((sum, count) => sum + count, 0),
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
