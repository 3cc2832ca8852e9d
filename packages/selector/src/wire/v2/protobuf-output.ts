/** A growing buffer with the primitive encodings of protobuf (protobuf.dev, "Encoding"). */

/** Capacity kept between messages; a buffer that grew beyond it is given back. */
const KEPT_BYTES = 65_536;
const FIRST_BYTES = 1024;

/** Most bytes of a varint. */
const VARINT_BYTES = 10;
/** Values below it take one byte. */
const ONE_BYTE = 0x80;
/** Values below it are shifted as 32-bit integers. */
const SHIFTABLE = 0x8000_0000;
/** Texts up to here are short enough to be written unit by unit. */
const SHORT_UNITS = 64;

const UTF8 = new TextEncoder();
/** UTF-8 bytes a UTF-16 unit may become. */
const BYTES_PER_UNIT = 3;

export class ProtobufOutput {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** A copy of everything written, which is then forgotten. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#grow(FIRST_BYTES);
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** 0 … 2^53 - 1. */
  unsigned(value: number): void {
    this.#reserve(VARINT_BYTES);
    let rest = value;
    while (rest >= SHIFTABLE) {
      this.#bytes[this.#length++] = (rest % ONE_BYTE) | ONE_BYTE;
      rest = Math.floor(rest / ONE_BYTE);
    }
    while (rest >= ONE_BYTE) {
      this.#bytes[this.#length++] = (rest & 0x7f) | ONE_BYTE;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** ±(2^53 - 1): the two's complement of 64 bits. */
  signed(value: number): void {
    if (value >= 0) {
      this.unsigned(value);
      return;
    }
    this.#reserve(VARINT_BYTES);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | ONE_BYTE;
    this.#bytes[this.#length++] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Length and UTF-8; a lone surrogate becomes U+FFFD. */
  text(value: string): void {
    if (value.length <= SHORT_UNITS && this.#ascii(value)) return;
    const start = this.open();
    this.#reserve(value.length * BYTES_PER_UNIT);
    this.#length += UTF8.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    this.close(start);
  }

  /** Begins something that its length precedes; `close` is given the answer. */
  open(): number {
    this.#reserve(1);
    this.#length += 1;
    return this.#length;
  }

  /** Ends it: writes its length before it, for which it moves when that takes more than one byte. */
  close(start: number): void {
    const size = this.#length - start;
    if (size < ONE_BYTE) {
      this.#bytes[start - 1] = size;
      return;
    }
    const extra = varintBytes(size) - 1;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#length);
    this.#length = start - 1;
    this.unsigned(size);
    this.#length += size;
  }

  /** Writes a short text of ASCII characters; false, with nothing written, for any other. */
  #ascii(value: string): boolean {
    const size = value.length;
    this.#reserve(size + 1);
    const bytes = this.#bytes;
    const start = this.#length;
    bytes[start] = size;
    for (let index = 0; index < size; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit >= ONE_BYTE) return false;
      bytes[start + 1 + index] = unit;
    }
    this.#length = start + 1 + size;
    return true;
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra;
    if (needed > this.#bytes.length) this.#grow(Math.max(needed, this.#bytes.length * 2));
  }

  #grow(capacity: number): void {
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Bytes `unsigned` writes. */
function varintBytes(value: number): number {
  let size = 1;
  for (let rest = value; rest >= ONE_BYTE; rest = Math.floor(rest / ONE_BYTE)) size += 1;
  return size;
}
