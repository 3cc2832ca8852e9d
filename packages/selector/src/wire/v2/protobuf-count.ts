/**
 * How much a message asks of whoever decodes it, found without decoding: a field takes two bytes on the wire
 * and may become an object of a hundred, for which the library has no limit.
 */
import type { GobStructType, GobType } from '@smtp-router/go-plugin/gob';

/** Wire types (protobuf.dev, "Message Structure"). */
const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

/**
 * Whether the message has more than `limit` fields in all, those of messages inside of it counted too, and packed
 * numbers by their bytes. Malformed bytes are left to the decoder, which gives up where this does.
 */
export function hasMoreFields(type: GobStructType, bytes: Uint8Array, limit: number): boolean {
  return new FieldCount(bytes, limit).exceeds(type, bytes.length);
}

class FieldCount {
  readonly #bytes: Uint8Array;
  #left: number;
  #at = 0;

  constructor(bytes: Uint8Array, limit: number) {
    this.#bytes = bytes;
    this.#left = limit;
  }

  /** Counts a message that ends at `end`. */
  exceeds(type: GobStructType, end: number): boolean {
    while (this.#at < end) {
      this.#left -= 1;
      if (this.#left < 0) return true;
      const tag = this.#varint();
      const field = type.fields[Math.floor(tag / 8) - 1]?.type;
      if (this.#exceedsIn(field, tag % 8, end)) return true;
    }
    return false;
  }

  /** Counts the value of a field, and goes behind it. */
  #exceedsIn(type: GobType | undefined, wireType: number, end: number): boolean {
    switch (wireType) {
      case VARINT:
        this.#varint();
        return false;
      case I64:
        this.#at += 8;
        return false;
      case I32:
        this.#at += 4;
        return false;
      case LEN:
        return this.#exceedsInside(type, end);
      default:
        this.#at = end;
        return false;
    }
  }

  #exceedsInside(type: GobType | undefined, end: number): boolean {
    const length = this.#varint();
    const inner = Math.min(end, this.#at + length);
    const element = type?.kind === 'slice' ? type.element : type;
    if (element?.kind === 'struct' && this.exceeds(element, inner)) return true;
    // Those that are there: a length may be announced that no message has.
    if (element?.kind === 'uint') this.#left -= Math.max(0, inner - this.#at);
    this.#at = inner;
    return this.#left < 0;
  }

  #varint(): number {
    let value = 0;
    let byte = 0x80;
    for (let factor = 1; byte >= 0x80 && this.#at < this.#bytes.length; factor *= 0x80) {
      byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * factor;
    }
    return value;
  }
}
