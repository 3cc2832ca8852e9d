/**
 * A plugin's process with all that belongs to it: its output and its socket directory. However it
 * ends, the same path cleans up: group, strays, pipes, directory.
 */
import type { Clock } from '../clock.ts';
import type { PluginExit } from './plugin-exit.ts';
import type { PluginOutput } from './plugin-output.ts';
import { ProcessOutput } from './process-output.ts';
import type { ProcessExit, RunningProcess } from './runner/runner.ts';
import { removeSocketDirectory } from './socket-directory.ts';
import { endStrayProcesses } from './stray-processes.ts';
import { within } from './within.ts';

/** How long a dead process's pipes may still deliver; longer means a descendant holds them. */
const DRAIN_MS = 250;

/** From SIGTERM to SIGKILL. */
const TERMINATE_MS = 500;

/** How long a killed process may take to be gone; longer means it hangs in the kernel. */
const REAP_MS = 2000;

export interface PluginProcessOptions {
  readonly process: RunningProcess;
  readonly socketDirectory: string;
  readonly clock: Clock;
  readonly onOutput: (output: PluginOutput) => void;
}

export class PluginProcess {
  readonly #process: RunningProcess;
  readonly #clock: Clock;
  readonly socketDirectory: string;
  readonly output: ProcessOutput;
  /** Settles after the end, when its pipes are read and its socket directory is gone; never rejects. */
  readonly exited: Promise<PluginExit>;
  /** Settles when nothing is left that the process left behind; never rejects. */
  readonly cleared: Promise<unknown>;

  constructor(options: PluginProcessOptions) {
    this.#process = options.process;
    this.#clock = options.clock;
    this.socketDirectory = options.socketDirectory;
    const { stdout, stderr } = options.process;
    this.output = new ProcessOutput({ stdout, stderr, clock: options.clock, onOutput: options.onOutput });
    this.exited = this.#finish();
    this.cleared = this.gone.then(() => endStrayProcesses(this.socketDirectory));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Settles at the end itself, before cleaning up; never rejects. */
  get gone(): Promise<ProcessExit> {
    return this.#process.exited;
  }

  /** Ends the process group: SIGTERM, and SIGKILL half a second later. Bounded; a process the system cannot end is reported without status. */
  async end(): Promise<PluginExit> {
    this.#process.terminate();
    await within(this.gone, TERMINATE_MS, this.#clock);
    return this.kill();
  }

  /** Ends the process group at once, and whoever left it. Bounded like `end`. */
  async kill(): Promise<PluginExit> {
    this.#process.kill();
    const exit = await within(this.exited, REAP_MS, this.#clock);
    if (exit === undefined) return this.#report({ status: null, signal: null });
    await within(this.cleared, REAP_MS, this.#clock);
    return exit;
  }

  async #finish(): Promise<PluginExit> {
    const exit = await this.#process.exited;
    await within(this.output.drained, DRAIN_MS, this.#clock);
    this.output.stop();
    await removeSocketDirectory(this.socketDirectory);
    return this.#report(exit);
  }

  #report(exit: ProcessExit): PluginExit {
    const { panic, lastLines } = this.output;
    return { ...exit, lastLines, ...(panic !== undefined && { panic }) };
  }
}
