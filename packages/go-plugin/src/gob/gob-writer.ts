import { GobNumbers } from './number-bytes.ts';

/** Capacity kept between values; a buffer that grew beyond it is given back. */
const KEPT_BYTES = 65_536;

/**
 * A growing buffer with gob's primitive encodings (encoding/gob doc.go, "Encoding Details"): unsigned
 * integers in one byte below 128, else a negated byte count and the bytes big-endian; signed ones
 * shifted left with a complement flag; floats as their bytes reversed; texts and bytes with a count.
 */
export class GobWriter {
  #bytes = new Uint8Array(512);
  #length = 0;
  readonly #numbers = new GobNumbers();

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view that is overwritten by later writes after `clear`. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(512);
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** `value`: an integer from 0 to 2^54 that is exact. */
  unsigned(value: number): void {
    this.#reserve(9);
    if (value < 128) {
      this.#bytes[this.#length++] = value;
      return;
    }
    const size = byteSize(value);
    this.#bytes[this.#length++] = 256 - size;
    let rest = value;
    for (let at = this.#length + size - 1; at >= this.#length; at -= 1) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += size;
  }

  /** `value`: 0 … 2^64 - 1. */
  unsignedBig(value: bigint): void {
    if (value <= 0xffff_ffffn) {
      this.unsigned(Number(value));
      return;
    }
    this.#numbers.setUint64(value);
    this.#significant();
  }

  /** `value`: any safe integer. */
  signed(value: number): void {
    if (value >= 0) this.unsigned(value * 2);
    else if (value >= -0x8_0000_0000_0000) this.unsigned(-2 * value - 1);
    else this.signedBig(BigInt(value));
  }

  /** `value`: -2^63 … 2^63 - 1. */
  signedBig(value: bigint): void {
    this.unsignedBig(value >= 0n ? value << 1n : ((-1n - value) << 1n) | 1n);
  }

  float(value: number): void {
    this.#numbers.setReversedFloat(value);
    this.#significant();
  }

  bytes(value: Uint8Array): void {
    this.unsigned(value.length);
    this.append(value);
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  text(value: string): void {
    if (value.length > 64 || !this.#ascii(value)) this.bytes(UTF8.encode(value));
  }

  /** The content of `source` as one message: its length and its bytes. Empties `source`. */
  message(source: GobWriter): void {
    this.unsigned(source.length);
    this.append(source.view());
    source.clear();
  }

  /** One message: the start of a struct, the number of its last field, and its end. */
  numbered(start: Uint8Array, number: number): void {
    this.unsigned(start.length + unsignedSize(number) + 1);
    this.append(start);
    this.unsigned(number);
    this.byte(0);
  }

  /** Bytes as they are. */
  append(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Writes a short text of ASCII characters; false, with nothing written, for any other. */
  #ascii(value: string): boolean {
    const start = this.#length;
    const size = value.length;
    this.#reserve(size + 1);
    const bytes = this.#bytes;
    bytes[start] = size;
    for (let index = 0; index < size; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 127) return false;
      bytes[start + 1 + index] = unit;
    }
    this.#length = start + 1 + size;
    return true;
  }

  /** Writes the eight bytes held by `#numbers` as an unsigned integer without its leading zeros. */
  #significant(): void {
    const { bytes } = this.#numbers;
    let first = 0;
    while (first < 7 && bytes[first] === 0) first += 1;
    this.#reserve(9);
    if (first < 7 || (bytes[7] ?? 0) > 127) this.#bytes[this.#length++] = 256 - (8 - first);
    for (let index = first; index < 8; index += 1) this.#bytes[this.#length++] = bytes[index] ?? 0;
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const UTF8 = new TextEncoder();

/** Bytes `unsigned` writes. */
export function unsignedSize(value: number): number {
  return value < 128 ? 1 : 1 + byteSize(value);
}

/** Bytes needed for an integer of at least 128. */
function byteSize(value: number): number {
  let size = 1;
  for (let bound = 256; value >= bound; bound *= 256) size += 1;
  return size;
}
