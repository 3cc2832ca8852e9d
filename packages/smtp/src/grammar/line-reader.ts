/**
 * Reads lines that end with CRLF and nothing else (RFC 5321 §2.3.8), however the bytes are cut.
 *
 * Two states: `text`, and `cr` after a CR that must be followed by LF. A CR or LF alone is a fault,
 * reported where it stands: what follows cannot be told to be a line or not, so the reader is not
 * used any more. A line beyond the limit is read to its end, without being kept; one that goes on far
 * beyond it is no line at all, and a fault where that is seen.
 */

const CR = 0x0d;
const LF = 0x0a;
const INITIAL_BYTES = 256;

/** Why something is no line. */
export type LineFault = 'bare-cr' | 'bare-lf' | 'too-long' | 'endless';

/** What one call of `read` led to. `consumed` counts bytes of what was handed in. */
export type LineRead =
  | { readonly kind: 'line'; readonly line: Uint8Array; readonly consumed: number }
  | { readonly kind: 'fault'; readonly fault: LineFault; readonly consumed: number }
  /** Everything was consumed, the line has not ended. */
  | { readonly kind: 'partial'; readonly consumed: number };

/** One direction of a connection. */
export class LineReader {
  readonly #maxLineBytes: number;
  readonly #endlessBytes: number;
  #state: 'text' | 'cr' = 'text';
  /** The beginning of a line that came in earlier chunks is `#partial[0 … #length]`, without CR. */
  #partial: Uint8Array | undefined;
  #length = 0;
  #isOverflowing: boolean = false;
  /** Bytes of the line in earlier chunks, those not kept included. */
  #seenBytes = 0;

  /** `maxLineBytes` counts the CRLF; a line of more than `endlessBytes` is the fault `endless`. */
  constructor(maxLineBytes: number, endlessBytes = Number.POSITIVE_INFINITY) {
    this.#maxLineBytes = maxLineBytes;
    this.#endlessBytes = endlessBytes;
  }

  /** True while a line has begun and not ended. */
  get isInLine(): boolean {
    return this.#length > 0 || this.#state === 'cr' || this.#isOverflowing;
  }

  /** True from the byte that exceeds the limit to the end of that line. */
  get isOverflowing(): boolean {
    return this.#isOverflowing;
  }

  /** Reads up to the end of one line. The line is a view: valid until the next call. */
  read(bytes: Uint8Array): LineRead {
    let state = this.#state;
    const end = Math.min(bytes.length, this.#endlessBytes - this.#seenBytes);
    for (let index = 0; index < end; index += 1) {
      const byte = bytes[index];
      if (state === 'cr') {
        return byte === LF ? this.#endLine(bytes, index) : fault('bare-cr', index + 1);
      }
      if (byte === LF) return fault('bare-lf', index + 1);
      if (byte === CR) state = 'cr';
    }
    if (end < bytes.length) return fault('endless', end);
    this.#state = state;
    this.#seenBytes += end;
    this.#keep(state === 'cr' ? bytes.subarray(0, -1) : bytes);
    return { kind: 'partial', consumed: bytes.length };
  }

  #endLine(bytes: Uint8Array, lfIndex: number): LineRead {
    const tail = bytes.subarray(0, Math.max(0, lfIndex - 1));
    const consumed = lfIndex + 1;
    this.#state = 'text';
    this.#seenBytes = 0;
    if (this.#length > 0 || this.#isOverflowing) {
      this.#keep(tail);
      return this.#takeKept(consumed);
    }
    const isTooLong = tail.length + 2 > this.#maxLineBytes;
    return isTooLong ? fault('too-long', consumed) : { kind: 'line', line: tail, consumed };
  }

  #takeKept(consumed: number): LineRead {
    const line = this.#partial?.subarray(0, this.#length) ?? new Uint8Array();
    const isTooLong = this.#isOverflowing;
    this.#partial = undefined;
    this.#length = 0;
    this.#isOverflowing = false;
    return isTooLong ? fault('too-long', consumed) : { kind: 'line', line, consumed };
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isOverflowing || bytes.length === 0) return;
    const length = this.#length + bytes.length;
    if (length + 2 > this.#maxLineBytes) {
      this.#isOverflowing = true;
      this.#partial = undefined;
      this.#length = 0;
      return;
    }
    this.#room(length).set(bytes, this.#length);
    this.#length = length;
  }

  /** A buffer for `length` bytes that holds what was kept; it doubles, so that single bytes stay cheap. */
  #room(length: number): Uint8Array {
    const old = this.#partial;
    if (old !== undefined && old.length >= length) return old;
    const wanted = Math.max(length, INITIAL_BYTES, 2 * (old?.length ?? 0));
    const grown = new Uint8Array(Math.min(this.#maxLineBytes, wanted));
    if (old !== undefined) grown.set(old.subarray(0, this.#length));
    this.#partial = grown;
    return grown;
  }
}

function fault(kind: LineFault, consumed: number): LineRead {
  return { kind: 'fault', fault: kind, consumed };
}
