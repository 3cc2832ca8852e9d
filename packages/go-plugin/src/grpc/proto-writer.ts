/** Writes a small protobuf message; zero values are left out, as proto3 has it. */
export class ProtoWriter {
  readonly #bytes: number[] = [];

  /** A uint32, enum or bool. */
  number(field: number, value: number | boolean): this {
    if (Number(value) === 0) return this;
    this.#varint(field << 3);
    this.#varint(Number(value));
    return this;
  }

  text(field: number, value: string): this {
    return value === '' ? this : this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes or a message inside; written even when empty. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    for (const byte of value) this.#bytes.push(byte);
    return this;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #varint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#bytes.push(rest);
  }
}
