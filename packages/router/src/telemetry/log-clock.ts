/**
 * The time of a log line, `2026-01-31T12:00:00.000Z`. A second is put into words once; lines within
 * it differ in their milliseconds only.
 */
export class LogClock {
  readonly #wallTime: () => number;
  /** `#second` in words, up to the dot before the milliseconds. */
  #words = '';
  #second = Number.NaN;

  /** `wallTime` in milliseconds since 1970. */
  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  /** Now, in UTC. */
  text(): string {
    const now = this.#wallTime();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#words = new Date(second * 1_000).toISOString().slice(0, -'000Z'.length);
    }
    const milliseconds = Math.floor(now - second * 1_000);
    const zeros = milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : '';
    return `${this.#words}${zeros}${milliseconds}Z`;
  }
}
