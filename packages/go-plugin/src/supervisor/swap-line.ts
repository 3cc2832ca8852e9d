/**
 * Requests to swap, one swap at a time. A request made while a swap is under way is not served by it,
 * which may have looked at the files before they changed: all of them share one further swap.
 */
import type { SwapResult } from './swap-result.ts';

/** One swap; never rejects. `isForced`: also when the files are unchanged. */
export type RunSwap = (isForced: boolean) => Promise<SwapResult>;

interface WaitingSwap {
  /** True when one of the requests was. */
  isForced: boolean;
  readonly result: Promise<SwapResult>;
}

export class SwapLine {
  readonly #run: RunSwap;
  #running: Promise<SwapResult> | undefined;
  /** Defined only while one is running. */
  #waiting: WaitingSwap | undefined;

  constructor(run: RunSwap) {
    this.#run = run;
  }

  /** Answers the result of a swap that began after this call. */
  request(isForced: boolean): Promise<SwapResult> {
    if (this.#running === undefined) return this.#begin(isForced);
    this.#waiting ??= { isForced, result: this.#running.then(() => this.#beginWaiting()) };
    this.#waiting.isForced ||= isForced;
    return this.#waiting.result;
  }

  #begin(isForced: boolean): Promise<SwapResult> {
    const running = this.#run(isForced).finally(() => {
      if (this.#waiting === undefined) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  #beginWaiting(): Promise<SwapResult> {
    const isForced = this.#waiting?.isForced ?? false;
    this.#waiting = undefined;
    return this.#begin(isForced);
  }
}
