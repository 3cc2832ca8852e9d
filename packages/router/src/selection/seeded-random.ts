/**
 * Numbers drawn from the request's seed, so that the same request is decided the same way again
 * (`explain`, replay). A 32-bit mixer; good enough to spread mail, never used for secrets.
 */
export class SeededRandom {
  #state: number;

  /** `seed`: integer in 0 … 2^53 - 1. */
  constructor(seed: number) {
    this.#state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  }

  /** The next number in 0 ≤ x < 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  }
}
