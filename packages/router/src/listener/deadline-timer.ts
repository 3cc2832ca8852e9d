import type { CancelTimer, Clock } from '../clock.ts';

/**
 * One timer for a deadline that moves all the time. Moving it later is an assignment: the timer finds
 * out when it fires, and sleeps on. Only a sooner deadline re-arms. So a busy connection costs no
 * timer calls and an idle one holds a single timer.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onExpired: () => void;
  #deadlineAt = Number.POSITIVE_INFINITY;
  /** When the armed timer fires; infinite whenever none is armed. */
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock, onExpired: () => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** `at` in milliseconds of the clock; infinity for no deadline. */
  moveTo(at: number): void {
    this.#deadlineAt = at;
    if (at < this.#firesAt) this.#arm();
  }

  /** No deadline any more and no timer left. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#deadlineAt = Number.POSITIVE_INFINITY;
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#cancel?.();
    this.#firesAt = this.#deadlineAt;
    this.#cancel = this.#clock.schedule(Math.max(0, this.#deadlineAt - this.#clock.now()), this.#onFired);
  }

  readonly #onFired = (): void => {
    this.#cancel = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (this.#clock.now() >= this.#deadlineAt) this.#onExpired();
    else if (this.#deadlineAt !== Number.POSITIVE_INFINITY) this.#arm();
  };
}
