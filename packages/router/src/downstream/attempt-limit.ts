import type { Clock } from '../clock.ts';
import type { StopSignal } from '../stop-signal.ts';

/**
 * Until when one attempt may go on before its final dot: a deadline that a stop moves to now. What
 * waits for something else asks to be told (`onStop`) and keeps the deadline itself.
 */
export class AttemptLimit {
  readonly #clock: Clock;
  readonly #deadlineAt: number;
  readonly #signal: StopSignal | undefined;

  constructor(clock: Clock, deadlineAt: number, signal?: StopSignal) {
    this.#clock = clock;
    this.#deadlineAt = deadlineAt;
    this.#signal = signal;
  }

  /** In `Clock.now()` time; in the past once stopped. */
  get deadlineAt(): number {
    return this.#signal?.isStopped === true ? Number.NEGATIVE_INFINITY : this.#deadlineAt;
  }

  get isOver(): boolean {
    return this.#clock.now() >= this.deadlineAt;
  }

  /** Calls `listener` once when stopped, until `offStop`. Never calls for the deadline itself. */
  onStop(listener: () => void): void {
    this.#signal?.onStop(listener);
  }

  offStop(listener: () => void): void {
    this.#signal?.offStop(listener);
  }
}
