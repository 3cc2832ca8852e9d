/**
 * Cuts a byte stream at LF into lines of bounded length. A line that is longer than the limit comes in
 * pieces as it arrives, so that memory never holds more than one limit; a CR before the LF is dropped.
 */

/** A line or a part of one. The bytes are valid until the next `push`. */
export interface LinePiece {
  readonly bytes: Uint8Array;
  /** `whole` unless the line exceeds the limit. */
  readonly position: 'whole' | 'first' | 'middle' | 'last';
}

/** The line length of go-plugin's readers (client.go, stdErrBufferSize and bufio.Scanner). */
export const DEFAULT_MAX_LINE_BYTES = 65_536;

const LF = 0x0a;
const CR = 0x0d;

export class LineSplitter {
  readonly #maxLineBytes: number;
  /** Start of the line that has no end yet: the first `#length` bytes; at most `maxLineBytes` long. */
  #buffer: Uint8Array = new Uint8Array(256);
  #length = 0;
  /** Whether pieces of the current line were given out already. */
  #isContinued: boolean = false;

  constructor(options: { readonly maxLineBytes?: number } = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES;
  }

  /** Bytes held back because their line has no end yet. */
  get bufferedBytes(): number {
    return this.#length;
  }

  /** Takes bytes of the stream; answers the pieces they complete. */
  push(chunk: Uint8Array): LinePiece[] {
    const pieces: LinePiece[] = [];
    let start = 0;
    while (start < chunk.length) {
      const lineEnd = chunk.indexOf(LF, start);
      const end = lineEnd === -1 ? chunk.length : lineEnd;
      const part = this.#overflow(chunk.subarray(start, end), pieces);
      if (lineEnd === -1) this.#keep(part);
      else pieces.push(this.#finish(part));
      start = end + 1;
    }
    return pieces;
  }

  /** Tells the end of the stream; answers the line that had no line end, if any. */
  end(): LinePiece[] {
    return this.#length > 0 ? [this.#finish(new Uint8Array(0))] : [];
  }

  /** Gives out full pieces while the line exceeds the limit; answers what remains of `part`. */
  #overflow(part: Uint8Array, pieces: LinePiece[]): Uint8Array {
    let rest = part;
    while (this.#length + rest.length > this.#maxLineBytes) {
      const taken = this.#maxLineBytes - this.#length;
      pieces.push({
        bytes: this.#take(rest.subarray(0, taken)),
        position: this.#isContinued ? 'middle' : 'first',
      });
      this.#isContinued = true;
      rest = rest.subarray(taken);
    }
    return rest;
  }

  #finish(part: Uint8Array): LinePiece {
    const bytes = this.#take(part);
    const position = this.#isContinued ? 'last' : 'whole';
    this.#isContinued = false;
    return { bytes: bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes, position };
  }

  /** What was kept followed by `part`; nothing is kept afterwards. */
  #take(part: Uint8Array): Uint8Array {
    if (this.#length === 0) return part;
    this.#keep(part);
    const bytes = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #keep(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(Math.max(needed, this.#buffer.length * 2), this.#maxLineBytes));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(part, this.#length);
    this.#length = needed;
  }
}
