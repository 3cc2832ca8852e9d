import { type CancelTimer, type Clock, systemClock } from './clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/**
 * A clock whose timers share one of the clock below. Each message waits for several things with a limit
 * and gives up nearly every timer long before it is due; here that costs an entry in a set, no timer of
 * the machine. The one timer is armed for whatever was due first when it was armed, looks for the next when it has
 * come, and is moved only when something sooner is scheduled. For hundreds of timers at a time: each
 * time it comes it looks at all.
 */
export class OneTimerClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  /** When the armed timer fires; infinite whenever none is armed. */
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  wallTime(): number {
    return this.#clock.wallTime();
  }

  schedule(delayMs: number, run: () => void): CancelTimer {
    const timer = { dueAt: this.#clock.now() + delayMs, run };
    this.#timers.add(timer);
    this.#arm(timer.dueAt);
    return () => void this.#timers.delete(timer);
  }

  #arm(dueAt: number): void {
    if (dueAt >= this.#firesAt) return;
    this.#cancel?.();
    this.#firesAt = dueAt;
    this.#cancel = this.#clock.schedule(Math.max(0, dueAt - this.#clock.now()), this.#onFired);
  }

  readonly #onFired = (): void => {
    this.#cancel = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    try {
      for (const timer of this.#due()) if (this.#timers.delete(timer)) timer.run();
    } finally {
      this.#arm(this.#firstDueAt());
    }
  };

  /** In order of their time; each may cancel those behind it. */
  #due(): readonly Timer[] {
    const now = this.#clock.now();
    return [...this.#timers].filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
  }

  #firstDueAt(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#timers) first = Math.min(first, dueAt);
    return first;
  }
}
