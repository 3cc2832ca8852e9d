/** Starting the process of a plugin, with patience for a file that is just being written. */
import type { Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { Runner, RunnerCommand, RunningProcess } from './runner/runner.ts';

/** Waits between attempts on a busy file, 1.5 s in all: a linker closes its output within that. */
const BUSY_DELAYS_MS = [10, 20, 50, 100, 200, 400, 720] as const;

/** Starts the command; a file open for writing (ETXTBSY) is tried again for 1.5 s. */
export async function startProcess(
  runner: Runner,
  command: RunnerCommand,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<RunningProcess> {
  for (const delayMs of BUSY_DELAYS_MS) {
    try {
      return await runner.start(command);
    } catch (error) {
      const isBusy = error instanceof PluginError && error.code === 'PLUGIN_FILE_BUSY';
      if (!isBusy || options.signal.aborted) throw error;
      await pause(delayMs, options.clock);
    }
  }
  return runner.start(command);
}

function pause(delayMs: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.schedule(delayMs, resolve);
  return promise;
}
