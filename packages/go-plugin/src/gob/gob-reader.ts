import { PluginError } from '../errors.ts';
import { GobNumbers } from './number-bytes.ts';
import { TextReader } from './text-reader.ts';

/**
 * Reads gob's primitive encodings from one message at a time. Never reads beyond the end it was given:
 * running out is `GOB_MALFORMED`, and a length is checked against the bytes that are left before anything
 * is made of it.
 */
export class GobReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  readonly #numbers = new GobNumbers();
  readonly #texts = new TextReader();

  /** Continues with the message `bytes[start, end)`; the caller keeps those bytes unchanged meanwhile. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  unsigned(): number | bigint {
    const first = this.#byte();
    if (first < 128) return first;
    const size = 256 - first;
    if (size > 8) throw malformed(`an integer of ${size} bytes`);
    if (size > this.remaining) throw truncated();
    if (size > 6) return this.#long(size);
    let value = 0;
    for (let index = 0; index < size; index += 1) value = value * 256 + this.#byte();
    return value;
  }

  signed(): number | bigint {
    const coded = this.unsigned();
    if (typeof coded === 'bigint') return narrow((coded & 1n) === 1n ? -1n - (coded >> 1n) : coded >> 1n);
    return coded % 2 === 1 ? -1 - (coded - 1) / 2 : coded / 2;
  }

  /** An unsigned integer of at most `limit`. */
  bounded(limit: number, what: string): number {
    const value = this.unsigned();
    if (typeof value === 'bigint' || value > limit) throw malformed(`${what} of ${value}`);
    return value;
  }

  /** A count of things that take at least one byte each. */
  count(what: string): number {
    return this.bounded(this.remaining, what);
  }

  bool(): boolean {
    return this.bounded(1, 'a bool') === 1;
  }

  float(): number {
    this.#fill(this.unsigned());
    return this.#numbers.getReversedFloat();
  }

  /** A copy. */
  bytes(): Uint8Array {
    const size = this.count('a byte count');
    const start = this.#at;
    this.#at += size;
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  /** UTF-8; Go strings may hold any bytes, and what is not UTF-8 becomes U+FFFD. */
  text(): string {
    const start = this.skipText();
    return this.#texts.read(this.#bytes, start, this.#at);
  }

  /** Reads over a text; answers where its bytes begin. */
  skipText(): number {
    const size = this.count('a text length');
    const start = this.#at;
    this.#at += size;
    return start;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw truncated();
    return this.#bytes[this.#at++] ?? 0;
  }

  #long(size: number): number | bigint {
    const { bytes } = this.#numbers;
    bytes.fill(0);
    for (let index = 8 - size; index < 8; index += 1) bytes[index] = this.#byte();
    return narrow(this.#numbers.getUint64());
  }

  #fill(value: number | bigint): void {
    this.#numbers.setUint64(BigInt(value));
  }
}

/** The number itself when it is safe. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An error for bytes that are not gob. */
export function malformed(what: string): PluginError {
  return new PluginError('GOB_MALFORMED', `The gob stream is malformed: ${what}.`);
}

function truncated(): PluginError {
  return malformed('a value goes on beyond the end of its message');
}
