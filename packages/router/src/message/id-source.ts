/**
 * Ids of sessions and messages: time in front, so that they sort by creation, random behind, so that
 * neither two routers nor a restart repeat one.
 */
import type { Clock } from '../clock.ts';

/** Digits and lower-case letters without the look-alikes i, l, o, u; in ASCII order, 5 bits each. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 45 bits of milliseconds last beyond the year 3000. */
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 8;
/** Random bytes are fetched for so many ids at a time: a call costs far more than the bytes. */
const IDS_OF_A_FETCH = 256;

/** Fills the array with unpredictable bytes, as `crypto.getRandomValues` does. */
export type FillRandom = (bytes: Uint8Array) => void;

/** What ids are made of. */
export interface IdSourceOptions {
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly random: FillRandom;
}

/** Makes ids of 17 characters, digits and lower-case letters: fit for a header, a reply, a file name. */
export class IdSource {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #random: FillRandom;
  readonly #bytes = new Uint8Array(RANDOM_CHARACTERS * IDS_OF_A_FETCH);
  /** Bytes that are used up. */
  #used = this.#bytes.length;

  constructor(options: IdSourceOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** A new id; 40 random bits within its millisecond. */
  next(): string {
    if (this.#used === this.#bytes.length) this.#fetch();
    let id = encodeTime(this.#clock.wallTime());
    const end = this.#used + RANDOM_CHARACTERS;
    for (; this.#used < end; this.#used += 1) id += ALPHABET.charAt((this.#bytes[this.#used] ?? 0) & 31);
    return id;
  }

  #fetch(): void {
    this.#random(this.#bytes);
    this.#used = 0;
  }
}

/** Big-endian base 32, fixed width: ids made later compare greater. */
function encodeTime(milliseconds: number): string {
  let text = '';
  let rest = Math.max(0, Math.floor(milliseconds));
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
