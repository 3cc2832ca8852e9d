/**
 * A plugin's process with all that belongs to it: its output and its socket directory. However it
 * ends, the same path cleans up: group, pipes, directory.
 */
import type { Clock } from '../clock.ts';
import type { PluginExit } from './plugin-exit.ts';
import type { PluginOutput } from './plugin-output.ts';
import { ProcessOutput } from './process-output.ts';
import type { ProcessExit, RunningProcess } from './runner/runner.ts';
import { removeSocketDirectory } from './socket-directory.ts';
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
  /** Settles after the end and all cleaning up; never rejects. */
  readonly exited: Promise<PluginExit>;

  constructor(options: PluginProcessOptions) {
    this.#process = options.process;
    this.#clock = options.clock;
    this.socketDirectory = options.socketDirectory;
    const { stdout, stderr } = options.process;
    this.output = new ProcessOutput({ stdout, stderr, clock: options.clock, onOutput: options.onOutput });
    this.exited = this.#finish();
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
    if ((await within(this.gone, TERMINATE_MS, this.#clock)) === undefined) return this.kill();
    return this.exited;
  }

  /** Ends the process group at once. Bounded like `end`. */
  async kill(): Promise<PluginExit> {
    this.#process.kill();
    const exit = await within(this.exited, REAP_MS, this.#clock);
    return exit ?? this.#report({ status: null, signal: null });
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
