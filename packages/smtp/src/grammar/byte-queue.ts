import { Fifo } from './fifo.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Longest chunk that becomes a text as a whole, and longest line that is taken as one. */
const SHORT_BYTES = 512;
/** DATA, RSET, NOOP, QUIT. */
const VERB_BYTES = 4;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Bytes received and not yet read, in order. Chunks are kept as views, never copied or joined; how many
 * wait here is the business of whoever hands them in (back-pressure).
 */
export class ByteQueue {
  readonly #chunks = new Fifo<Uint8Array>();
  /** Bytes of the oldest chunk that were read; less than it has. */
  #offset = 0;
  /** The oldest chunk as text, a character for each byte; undefined when it was not made. */
  #text: string | undefined;

  /** True when nothing waits. */
  get isEmpty(): boolean {
    return this.#chunks.isEmpty;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  /** What is to be read next: the rest of the oldest chunk. */
  peek(): Uint8Array | undefined {
    const chunk = this.#chunks.peek();
    if (chunk === undefined || this.#offset === 0) return chunk;
    const rest = chunk.subarray(this.#offset);
    this.#chunks.replace(rest);
    this.#offset = 0;
    this.#text = undefined;
    return rest;
  }

  /** Removes `count` bytes from the chunk that `peek` answers. */
  skip(count: number): void {
    const chunk = this.#chunks.peek();
    if (chunk === undefined) return;
    this.#offset += count;
    if (this.#offset >= chunk.length) this.#shift();
  }

  /**
   * Takes a line and its CRLF out, and answers it without. Only if it is what nearly all lines are:
   * printable ASCII, of 510 octets at most, whole in the oldest chunk. Otherwise nothing is taken.
   */
  takePlainLine(): string | undefined {
    const chunk = this.#chunks.peek();
    if (chunk === undefined) return undefined;
    const start = this.#offset;
    const end = endOfPrintable(chunk, start);
    if (chunk[end] !== CR || chunk[end + 1] !== LF) return undefined;
    const line = this.#textBetween(chunk, start, end);
    if (line !== undefined) this.skip(end + 2 - start);
    return line;
  }

  clear(): void {
    this.#chunks.clear();
    this.#offset = 0;
    this.#text = undefined;
  }

  #shift(): void {
    this.#chunks.shift();
    this.#offset = 0;
    this.#text = undefined;
  }

  /** A decoder costs the same for one line and for all lines of a chunk. */
  #textBetween(chunk: Uint8Array, start: number, end: number): string | undefined {
    if (end - start === VERB_BYTES) return verbAt(chunk, start);
    if (chunk.length > SHORT_BYTES) return decoder.decode(chunk.subarray(start, end));
    this.#text ??= decoder.decode(chunk);
    // As many characters as bytes: each stands for one, valid or not.
    return this.#text.length === chunk.length ? this.#text.slice(start, end) : undefined;
  }
}

/** Four bytes as text: a command without argument, for which a decoder is not worth its while. */
function verbAt(bytes: Uint8Array, start: number): string {
  const head = String.fromCharCode(bytes[start] ?? 0, bytes[start + 1] ?? 0);
  return head + String.fromCharCode(bytes[start + 2] ?? 0, bytes[start + 3] ?? 0);
}

/** The first position from `start` on that holds no printable ASCII, or that a short line does not reach. */
function endOfPrintable(bytes: Uint8Array, start: number): number {
  const limit = Math.min(bytes.length, start + SHORT_BYTES - 2);
  let index = start;
  for (; index < limit; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x7e) break;
  }
  return index;
}
