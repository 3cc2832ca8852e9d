/** A rate that is kept on average, as a debt that time pays off: what goes beyond it is to wait. */
export class Pace {
  readonly #perMs: number;
  readonly #burst: number;
  #debt = 0;
  #at = 0;

  /** @param burst spent at once without waiting */
  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
  }

  /** Spends; answers the milliseconds until there is room again, 0 when there still is. `now` never goes back. */
  spend(amount: number, now: number): number {
    this.#debt = this.debt(now) + amount;
    return Math.max(0, (this.#debt - this.#burst) / this.#perMs);
  }

  /** What is owed at this moment, 0 when all is paid off. */
  debt(now: number): number {
    const paid = (now - this.#at) * this.#perMs;
    this.#debt = Math.max(0, this.#debt - paid);
    this.#at = now;
    return this.#debt;
  }

  /** Forgives what is owed beyond the burst. */
  forgive(): void {
    this.#debt = Math.min(this.#debt, this.#burst);
  }
}
