/**
 * Replacing the process of a plugin while it serves: look at the files, start a newcomer beside it, try
 * the newcomer, switch. Only the last step touches what serves, and it cannot fail; whatever goes wrong
 * before ends the newcomer and is told. The process before ends its calls and is killed by its supervisor.
 */
import type { Clock } from '../clock.ts';
import type { Executable } from './executable.ts';
import { type PluginFailure, pluginFailure } from './plugin-failure.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import { type RunSwap, SwapLine } from './swap-line.ts';
import type { SwapPhase, SwapResult, SwapStatus } from './swap-result.ts';

/** What a swap needs of its supervisor. */
export interface SwapSteps<T> {
  /** The process that serves. */
  current(): SupervisedProcess<T> | undefined;
  /** Settles when a swap may begin; rejects when there is nothing to swap. */
  ready(): Promise<void>;
  /** Looks at the files; what it answers is held until `bringUp` or `release`. */
  prepare(): Promise<Executable>;
  release(executable: Executable): Promise<void>;
  /** Launches and opens; releases the executable when it rejects. */
  bringUp(executable: Executable): Promise<SupervisedProcess<T>>;
  /** Tries a process that nobody calls yet; ends it when it rejects. */
  tryOut(process: SupervisedProcess<T>): Promise<void>;
  /** Makes the process the one that serves; rejects, having ended it, when the supervisor was closed. */
  switchTo(process: SupervisedProcess<T>): Promise<void>;
  /** Told before the result is answered. */
  onEnd(result: SwapResult): void;
  readonly clock: Clock;
}

export class Swapper<T> {
  readonly #steps: SwapSteps<T>;
  readonly #line: SwapLine;
  #phase: SwapPhase | undefined;
  #swapped = 0;
  #failed = 0;
  #swappedAt: number | undefined;
  #lastFailure: PluginFailure | undefined;

  /** @param around runs each swap, to keep account of it */
  constructor(steps: SwapSteps<T>, around: (run: () => Promise<SwapResult>) => Promise<SwapResult>) {
    this.#steps = steps;
    const run: RunSwap = (isForced) => around(() => this.#run(isForced));
    this.#line = new SwapLine(run);
  }

  /** Never rejects. */
  request(isForced: boolean): Promise<SwapResult> {
    return this.#line.request(isForced);
  }

  status(): SwapStatus {
    return {
      ...(this.#phase !== undefined && { phase: this.#phase }),
      swapped: this.#swapped,
      failed: this.#failed,
      ...(this.#swappedAt !== undefined && { swappedAt: this.#swappedAt }),
      ...(this.#lastFailure !== undefined && { lastFailure: this.#lastFailure }),
    };
  }

  async #run(isForced: boolean): Promise<SwapResult> {
    const result = await this.#attempt(isForced);
    this.#phase = undefined;
    if (result.kind === 'swapped') {
      this.#swapped += 1;
      this.#swappedAt = this.#steps.clock.wallTime();
      this.#lastFailure = undefined;
    } else if (result.kind === 'failed') {
      this.#failed += 1;
      this.#lastFailure = result.failure;
    }
    this.#steps.onEnd(result);
    return result;
  }

  async #attempt(isForced: boolean): Promise<SwapResult> {
    const { clock } = this.#steps;
    const startedAt = clock.now();
    try {
      const executable = await this.#prepare(isForced);
      return executable === undefined ? { kind: 'unchanged' } : await this.#replace(executable, startedAt);
    } catch (error) {
      const failure = pluginFailure(error, { at: clock.wallTime(), code: 'PLUGIN_OPEN_FAILED' });
      return { kind: 'failed', failure };
    }
  }

  /** What to start; undefined when it is what serves already. */
  async #prepare(isForced: boolean): Promise<Executable | undefined> {
    await this.#steps.ready();
    this.#phase = 'preparing';
    const executable = await this.#steps.prepare();
    const serving = this.#steps.current()?.executable.sha256;
    const isSame = executable.sha256 !== undefined && executable.sha256 === serving;
    if (isForced || !isSame) return executable;
    await this.#steps.release(executable);
    return undefined;
  }

  async #replace(executable: Executable, startedAt: number): Promise<SwapResult> {
    this.#phase = 'starting';
    const newcomer = await this.#steps.bringUp(executable);
    this.#phase = 'trying';
    await this.#steps.tryOut(newcomer);
    const from = this.#steps.current()?.plugin.pid;
    await this.#steps.switchTo(newcomer);
    return {
      kind: 'swapped',
      ...(from !== undefined && { from }),
      pid: newcomer.plugin.pid,
      ...(executable.sha256 !== undefined && { sha256: executable.sha256 }),
      durationMs: this.#steps.clock.now() - startedAt,
    };
  }
}
