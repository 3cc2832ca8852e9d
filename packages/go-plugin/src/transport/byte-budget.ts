/** Bytes that unfinished messages of one connection hold together. */
export class ByteBudget {
  readonly #maxBytes: number;
  #takenBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts bytes taken, or given back when negative; false when more are taken than there are. */
  take(bytes: number): boolean {
    this.#takenBytes += bytes;
    return this.#takenBytes <= this.#maxBytes;
  }
}
