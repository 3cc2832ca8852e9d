/**
 * Processes on Windows, which knows neither groups nor signals: the tree below a plugin is ended by
 * taskkill, and nothing can be asked to end.
 */
import { execFile } from 'node:child_process';
import type { Runner, RunnerCommand, RunningProcess } from './runner.ts';
import { childExit, type SpawnedChild, spawnProcess } from './spawn-process.ts';

export const windowsRunner: Runner = { start };

async function start(command: RunnerCommand): Promise<RunningProcess> {
  return new WindowsProcess(await spawnProcess(command, { windowsHide: true }));
}

class WindowsProcess implements RunningProcess {
  readonly #child: SpawnedChild;
  readonly exited: RunningProcess['exited'];

  constructor(child: SpawnedChild) {
    this.#child = child;
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
    // Windows has no polite signal; Control.Quit was the polite way.
  }

  kill(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const endLeader = (): void => {
      this.#child.kill('SIGKILL');
    };
    execFile('taskkill', ['/pid', String(this.pid), '/T', '/F'], { windowsHide: true }, endLeader);
  }
}
