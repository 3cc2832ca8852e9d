/**
 * Processes on Linux, macOS and other Unixes. The plugin leads a process group of its own, so that a
 * Ctrl-C meant for the host does not reach it and its children can be ended with it.
 */
import type { Runner, RunnerCommand, RunningProcess } from './runner.ts';
import { childExit, type SpawnedChild, spawnProcess } from './spawn-process.ts';

export const posixRunner: Runner = { start };

async function start(command: RunnerCommand): Promise<RunningProcess> {
  return new PosixProcess(await spawnProcess(command, { detached: true }));
}

class PosixProcess implements RunningProcess {
  readonly #child: SpawnedChild;
  readonly exited: RunningProcess['exited'];

  constructor(child: SpawnedChild) {
    this.#child = child;
    // Whoever of the group outlives its leader ends with it: the group's number is only safe to use now.
    child.once('exit', () => signalGroup(child.pid, 'SIGKILL'));
    this.exited = childExit(child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): RunningProcess['stdout'] {
    return this.#child.stdout;
  }

  get stderr(): RunningProcess['stderr'] {
    return this.#child.stderr;
  }

  terminate(): void {
    this.#signal('SIGTERM');
  }

  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    const isGone = this.#child.exitCode !== null || this.#child.signalCode !== null;
    if (!isGone) signalGroup(this.#child.pid, signal);
  }
}

/** ESRCH means nobody is left; EPERM (macOS) that only zombies are. */
function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody to tell.
  }
}
