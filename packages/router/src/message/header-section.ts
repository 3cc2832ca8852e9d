/**
 * Cuts the header section (RFC 5322 §2.1: everything up to the first empty line) out of content that
 * arrives in pieces, however they are cut.
 */

const LF = 10;
const CR = 13;

/** Where the reader stands relative to line ends. A bare LF ends a line too: content handed in locally may have them. */
type LineState = 'start' | 'inside' | 'empty-cr' | 'done';

/** Keeps views of the pieces, no copies until `detach`; holds `MAX_BYTES` at most. */
export class HeaderSection {
  /** More is body as far as the router is concerned. Large mail systems cut between 32 KiB and 1 MiB. */
  static readonly MAX_BYTES = 65_536;

  #pieces: Uint8Array[] = [];
  /** True while `#pieces` is one copy of everything so far. */
  #isDetached: boolean = false;
  #sizeBytes = 0;
  #state: LineState = 'start';

  /** True once the empty line or the limit was reached: later pieces change nothing. */
  get isComplete(): boolean {
    return this.#state === 'done';
  }

  append(chunk: Uint8Array): void {
    if (this.#state === 'done' || chunk.length === 0) return;
    const room = HeaderSection.MAX_BYTES - this.#sizeBytes;
    const visible = chunk.length > room ? chunk.subarray(0, room) : chunk;
    const end = this.#findEnd(visible);
    this.#pieces.push(end === visible.length ? visible : visible.subarray(0, end));
    this.#isDetached = false;
    this.#sizeBytes += end;
    if (this.#sizeBytes >= HeaderSection.MAX_BYTES) this.#state = 'done';
  }

  /** What was received of it, the empty line included. Valid as long as the pieces are. */
  bytes(): Uint8Array {
    const [first] = this.#pieces;
    if (first === undefined) return new Uint8Array(0);
    return this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
  }

  /** Lets go of the pieces: what was received is copied. */
  detach(): void {
    if (!this.#isDetached) this.#pieces = [new Uint8Array(this.bytes())];
    this.#isDetached = true;
  }

  /** Answers how many bytes of the piece belong to the header section. */
  #findEnd(chunk: Uint8Array): number {
    let index = 0;
    while (index < chunk.length) {
      if (this.#state === 'inside') {
        const lineEnd = chunk.indexOf(LF, index);
        if (lineEnd < 0) return chunk.length;
        this.#state = 'start';
        index = lineEnd + 1;
        continue;
      }
      const byte = chunk[index];
      index += 1;
      if (byte === LF) {
        this.#state = 'done';
        return index;
      }
      this.#state = this.#state === 'start' && byte === CR ? 'empty-cr' : 'inside';
    }
    return index;
  }
}
