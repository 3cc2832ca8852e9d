/** Weight of the newest sample: about the last ten decide. */
const NEWEST_WEIGHT = 0.2;

/** Exponentially smoothed duration in milliseconds; undefined before the first sample. */
export class LatencyAverage {
  #valueMs: number | undefined;

  get valueMs(): number | undefined {
    return this.#valueMs;
  }

  add(sampleMs: number): void {
    const before = this.#valueMs ?? sampleMs;
    this.#valueMs = before + NEWEST_WEIGHT * (sampleMs - before);
  }
}
