/** Starting a child with node:child_process, every failure turned into a `PluginError`. */
import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { PluginError } from '../../errors.ts';
import type { ProcessExit, RunnerCommand } from './runner.ts';
import { spawnError } from './spawn-error.ts';

export type SpawnedChild = ChildProcessByStdio<null, Readable, Readable> & { readonly pid: number };

/** Starts the command with an empty stdin and pipes for the rest; settles once it runs or did not start. */
export async function spawnProcess(command: RunnerCommand, options: SpawnOptions): Promise<SpawnedChild> {
  try {
    const child = spawn(command.command, [...command.args], {
      ...options,
      cwd: command.workingDirectory,
      env: { ...command.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Attached before anything else: a child without an 'error' listener is an uncaught exception.
    await once(child, 'spawn');
    return running(child, command);
  } catch (cause) {
    throw await spawnError(command, cause);
  }
}

/** Settles with the end of the child; never rejects. */
export function childExit(child: SpawnedChild): Promise<ProcessExit> {
  const { promise, resolve } = Promise.withResolvers<ProcessExit>();
  child.on('error', () => undefined);
  child.once('exit', (status, signal) => resolve({ status, signal }));
  return promise;
}

function running(child: ChildProcessByStdio<null, Readable, Readable>, command: RunnerCommand): SpawnedChild {
  const { pid } = child;
  if (pid === undefined) {
    throw new PluginError('PLUGIN_SPAWN_FAILED', `The process of ${command.command} started without an id.`);
  }
  return Object.assign(child, { pid });
}
