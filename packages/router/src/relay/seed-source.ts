/**
 * Seeds of selections, drawn one ahead: a dry run looks at the next without taking it, so that `explain`
 * tells what the next message gets, drawn strategies included.
 */
export class SeedSource {
  readonly #random: () => number;
  #next: number;

  /** `random`: 0 ≤ x < 1, as `Math.random`. */
  constructor(random: () => number) {
    this.#random = random;
    this.#next = this.#draw();
  }

  /** The seed `take` answers next. */
  peek(): number {
    return this.#next;
  }

  /** An integer in 0 … 2^53 - 1, for one selection. */
  take(): number {
    const seed = this.#next;
    this.#next = this.#draw();
    return seed;
  }

  #draw(): number {
    return Math.floor(this.#random() * Number.MAX_SAFE_INTEGER);
  }
}
