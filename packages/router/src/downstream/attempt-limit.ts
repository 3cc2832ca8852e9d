import type { Clock } from '../clock.ts';

/**
 * Until when one attempt may go on before its final dot: a deadline that an abort moves to now. What
 * waits for something else asks to be told (`onAbort`) and keeps the deadline itself.
 */
export class AttemptLimit {
  readonly #clock: Clock;
  readonly #deadlineAt: number;
  readonly #signal: AbortSignal | undefined;

  constructor(clock: Clock, deadlineAt: number, signal?: AbortSignal) {
    this.#clock = clock;
    this.#deadlineAt = deadlineAt;
    this.#signal = signal;
  }

  /** In `Clock.now()` time; in the past once aborted. */
  get deadlineAt(): number {
    return this.#signal?.aborted === true ? Number.NEGATIVE_INFINITY : this.#deadlineAt;
  }

  get isOver(): boolean {
    return this.#clock.now() >= this.deadlineAt;
  }

  /** Calls once when aborted; the answer ends the interest. Never calls for the deadline itself. */
  onAbort(run: () => void): () => void {
    const signal = this.#signal;
    if (signal === undefined) return () => {};
    signal.addEventListener('abort', run, { once: true });
    return () => signal.removeEventListener('abort', run);
  }
}
