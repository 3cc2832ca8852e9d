import { PluginError } from '../errors.ts';
import { malformed } from './gob-reader.ts';

const EMPTY = new Uint8Array(0);

/**
 * Cuts a byte stream into gob messages (an unsigned length, then that many bytes).
 *
 * While a message arrives whole in one chunk nothing is copied; only an unfinished tail is moved to a
 * buffer of its own, which grows with what really arrives, never with what is announced. Messages are
 * taken with `next`; `rewind` goes back to the last `release`, for values that are cut into several
 * messages of which the last is not here yet.
 */
export class MessageBuffer {
  readonly #maxMessageBytes: number;
  #bytes: Uint8Array = EMPTY;
  /** Bytes of `#bytes` that are filled. */
  #end = 0;
  /** Start of what was not released yet. */
  #kept = 0;
  /** Start of the next message; never before `#kept`. */
  #at = 0;
  /** Start of the message that `next` found, without its length. */
  #start = 0;
  /** False while `#bytes` is a chunk of the caller's. */
  #isOwn: boolean = true;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the message that `next` found begins in `bytes`, and ends. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#at;
  }

  /** Bytes received and not released. */
  get heldBytes(): number {
    return this.#end - this.#kept;
  }

  /** Takes `chunk`, which must stay unchanged until `settle`. */
  receive(chunk: Uint8Array): void {
    if (this.heldBytes === 0) {
      this.#bytes = chunk;
      this.#end = chunk.length;
      this.#kept = 0;
      this.#at = 0;
      this.#isOwn = false;
    } else {
      this.#append(chunk);
    }
  }

  /** Moves what is left of a caller's chunk to a buffer of our own. */
  settle(): void {
    if (this.heldBytes === 0) this.#empty();
    if (this.#isOwn) return;
    const held = this.#bytes.subarray(this.#kept, this.#end);
    this.#at -= this.#kept;
    this.#kept = 0;
    this.#end = held.length;
    this.#bytes = new Uint8Array(Math.max(256, held.length * 2));
    this.#bytes.set(held);
    this.#isOwn = true;
  }

  #empty(): void {
    this.#bytes = EMPTY;
    this.#end = 0;
    this.#kept = 0;
    this.#at = 0;
    this.#isOwn = true;
  }

  /**
   * Finds the next message, `start` to `end`; false until all of it is here. Throws for a length that is
   * malformed or over the limit.
   */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const first = this.#bytes[this.#at] ?? 0;
    const prefix = first < 128 ? 1 : 257 - first;
    if (prefix > 9) throw malformed('a message length of more than eight bytes');
    if (this.#at + prefix > this.#end) return false;
    const length = first < 128 ? first : this.#length(this.#at + 1, prefix - 1);
    if (length > this.#maxMessageBytes) throw tooLong(length, this.#maxMessageBytes);
    if (length === 0) throw malformed('an empty message');
    const start = this.#at + prefix;
    if (start + length > this.#end) return false;
    this.#start = start;
    this.#at = start + length;
    return true;
  }

  /** Gives up everything before the next message. */
  release(): void {
    this.#kept = this.#at;
  }

  /** Goes back to where `release` was last called. */
  rewind(): void {
    this.#at = this.#kept;
  }

  #length(from: number, size: number): number {
    let length = 0;
    for (let index = 0; index < size; index += 1) length = length * 256 + (this.#bytes[from + index] ?? 0);
    return length;
  }

  #append(chunk: Uint8Array): void {
    const held = this.heldBytes;
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) this.#move(held + chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Brings what is held to the front of a buffer of ours with room for `needed` bytes. */
  #move(needed: number): void {
    const held = this.#bytes.subarray(this.#kept, this.#end);
    const fits = this.#isOwn && needed <= this.#bytes.length;
    const target = fits ? this.#bytes : new Uint8Array(Math.max(256, needed * 2));
    target.set(held);
    this.#bytes = target;
    this.#isOwn = true;
    this.#end = held.length;
    this.#at -= this.#kept;
    this.#kept = 0;
  }
}

function tooLong(length: number, limit: number): PluginError {
  return new PluginError(
    'GOB_MESSAGE_TOO_LONG',
    `A gob message of ${length} bytes is over the limit of ${limit} bytes.`,
  );
}
