/**
 * Dot-stuffing at the writer (RFC 5321 §4.5.2): a dot that begins a line is sent twice. Works on bytes;
 * the result does not depend on how the content is cut. Content is canonical by contract, every line
 * ended by CRLF. A CR or LF alone would let somebody smuggle a second message past the downstream, so
 * it is refused here once more, before it leaves.
 *
 * States: `line-start`, `text`, `cr` (a CR was the last byte).
 */
import { SmtpProtocolError } from '../errors.ts';
import { scanText } from './scan-text.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
/** With more dots than this in a chunk, one copy is cheaper than that many pieces. */
const MAX_SPLITS = 16;
const END_OF_DATA = Uint8Array.of(DOT, CR, LF);
const LINE_END_AND_END_OF_DATA = Uint8Array.of(CR, LF, DOT, CR, LF);

type StuffingState = 'line-start' | 'text' | 'cr';

/** One message's content. */
export class DotStuffer {
  #state: StuffingState = 'line-start';

  /**
   * The chunk as pieces to write in order: views of it, or one copy when it has many dots.
   * Throws `SMTP_CONTENT_NOT_CANONICAL`.
   */
  stuff(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length === 0) return [];
    const dots = this.#findDots(chunk);
    if (dots.length === 0) return [chunk];
    return dots.length <= MAX_SPLITS ? splitAtDots(chunk, dots) : [copyWithDots(chunk, dots)];
  }

  /** The end of data, after the last chunk; not to be changed. A last line without CRLF gets one. */
  finish(): Uint8Array {
    if (this.#state === 'cr') throw notCanonical('CR');
    return this.#state === 'line-start' ? END_OF_DATA : LINE_END_AND_END_OF_DATA;
  }

  /** Positions of the dots that begin a line; moves the state to the end of the chunk. */
  #findDots(chunk: Uint8Array): readonly number[] {
    const dots: number[] = [];
    let index = 0;
    if (this.#state === 'cr') {
      if (chunk[0] !== LF) throw notCanonical('CR');
      index = 1;
      this.#state = 'line-start';
    }
    if (this.#state === 'line-start' && chunk[index] === DOT) dots.push(index);
    if (index < chunk.length) this.#state = findDots(chunk, index, dots);
    return dots;
  }
}

/** Adds every dot behind a CRLF from `start` on, a position within the chunk. Answers the state at the end. */
function findDots(chunk: Uint8Array, start: number, dots: number[]): StuffingState {
  const scan = scanText(chunk);
  let index = scan.skip(start);
  while (index < chunk.length) {
    const byte = chunk[index];
    if (byte === CR) {
      if (index + 1 === chunk.length) return 'cr';
      if (chunk[index + 1] !== LF) throw notCanonical('CR');
      index += 2;
      if (index === chunk.length) return 'line-start';
      if (chunk[index] === DOT) dots.push(index);
    } else {
      if (byte === LF) throw notCanonical('LF');
      index += 1;
    }
    index = scan.skip(index);
  }
  return 'text';
}

function notCanonical(byte: 'CR' | 'LF'): SmtpProtocolError {
  return new SmtpProtocolError('SMTP_CONTENT_NOT_CANONICAL', `Content to be sent holds a bare ${byte}.`);
}

/** Each piece begins with the dot that the piece before it ends with. */
function splitAtDots(chunk: Uint8Array, dots: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const dot of dots) {
    pieces.push(chunk.subarray(start, dot + 1));
    start = dot;
  }
  pieces.push(chunk.subarray(start));
  return pieces;
}

function copyWithDots(chunk: Uint8Array, dots: readonly number[]): Uint8Array {
  const copy = new Uint8Array(chunk.length + dots.length);
  let length = 0;
  for (const piece of splitAtDots(chunk, dots)) {
    copy.set(piece, length);
    length += piece.length;
  }
  return copy;
}
