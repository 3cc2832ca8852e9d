/** Eight bytes in which 64-bit numbers change their form. */
export class GobNumbers {
  readonly bytes = new Uint8Array(8);
  readonly #view = new DataView(this.bytes.buffer);

  setUint64(value: bigint): void {
    this.#view.setBigUint64(0, value);
  }

  getUint64(): bigint {
    return this.#view.getBigUint64(0);
  }

  /** IEEE 754 bits with their bytes reversed, so that short mantissas give small integers. */
  setReversedFloat(value: number): void {
    this.#view.setFloat64(0, value, true);
  }

  getReversedFloat(): number {
    return this.#view.getFloat64(0, true);
  }
}
