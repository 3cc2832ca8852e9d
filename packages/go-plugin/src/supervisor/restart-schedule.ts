/**
 * When to start a plugin again: at once after the first failure, then after a growing, jittered pause,
 * and never more than once a second after the fifth. Running well for half a minute clears the record.
 */

/** Failures in a row after which starts are at least a second apart. */
const QUICK_FAILURES = 5;

const QUICK_PAUSE_MS = 100;
const SLOW_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/** A process that served this long was not part of a crash loop. */
const STABLE_MS = 30_000;

export class RestartSchedule {
  readonly #random: () => number;
  /** Failures since the plugin last ran well. */
  #failures = 0;

  /** @param random from 0 up to, not including, 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether starts have slowed down. */
  get isSlow(): boolean {
    return this.#failures > QUICK_FAILURES;
  }

  /** Counts a failure of a plugin that had been ready for `readyMs` (0: never); answers the milliseconds to wait. */
  next(readyMs: number): number {
    if (readyMs >= STABLE_MS) this.#failures = 0;
    this.#failures += 1;
    return this.isSlow ? this.#slowPause() : this.#quickPause();
  }

  /** Counts a failure that will not mend itself: pauses are slow from here on. */
  despair(): number {
    this.#failures = Math.max(this.#failures, QUICK_FAILURES) + 1;
    return this.#slowPause();
  }

  /** Forgets the failures so far: what is started from now on is something else. */
  forgive(): void {
    this.#failures = 0;
  }

  /** 0, then between half of and the whole of 100, 200, 400, 800 ms. */
  #quickPause(): number {
    if (this.#failures <= 1) return 0;
    const longest = QUICK_PAUSE_MS * 2 ** (this.#failures - 2);
    return (longest * (1 + this.#random())) / 2;
  }

  /** From 1 s up to 15 s, and up to half of that more: jitter never brings two starts closer. */
  #slowPause(): number {
    const shortest = Math.min(SLOW_PAUSE_MS * 2 ** (this.#failures - QUICK_FAILURES - 1), LONGEST_PAUSE_MS);
    return shortest * (1 + this.#random() / 2);
  }
}
