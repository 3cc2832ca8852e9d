/**
 * A body with a few bytes of its header section replaced, for one downstream: a view over the body the
 * message came with. Pieces that no edit touches are handed on as they are; of the others views are cut.
 * Nothing is copied and nothing is held beyond the body and the edits.
 */
import { isAscii } from 'node:buffer';
import { HeaderSection } from './header-section.ts';
import type { MessageBody } from './message-body.ts';

/** Bytes to put in place of those from `start` up to `end`; an insertion where both are equal. */
export interface BodyEdit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** The view; lives as long as the body below, which its owner releases. */
export class RewrittenBody implements MessageBody {
  readonly sizeBytes: number;
  /** Stays true when only a replaced byte was above 127: 8BITMIME is then asked for without need. */
  readonly has8bit: boolean;
  readonly #base: MessageBody;
  readonly #edits: readonly BodyEdit[];

  /** Edits in order, not overlapping, within the header section. */
  constructor(base: MessageBody, edits: readonly BodyEdit[]) {
    this.#base = base;
    this.#edits = edits;
    this.sizeBytes = edits.reduce(
      (size, { start, end, bytes }) => size + bytes.length - (end - start),
      base.sizeBytes,
    );
    this.has8bit = base.has8bit || edits.some(({ bytes }) => !isAscii(bytes));
  }

  get headerSection(): Uint8Array {
    const pieces = new Splice(this.#edits).through(this.#base.headerSection);
    return Buffer.concat(pieces).subarray(0, HeaderSection.MAX_BYTES);
  }

  read(): readonly Uint8Array[] | AsyncIterable<Uint8Array> {
    const pieces = this.#base.read();
    const splice = new Splice(this.#edits);
    return Symbol.asyncIterator in pieces
      ? splicedWhileRead(pieces, splice)
      : pieces.flatMap((piece) => splice.through(piece));
  }

  /** Nothing is held that the body below does not hold. */
  release(): void {}
}

async function* splicedWhileRead(
  pieces: AsyncIterable<Uint8Array>,
  splice: Splice,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield* splice.through(piece);
}

/** Carries out edits on a sequence of pieces, however it is cut. */
class Splice {
  readonly #edits: readonly BodyEdit[];
  /** The first edit whose end was not reached. */
  #next = 0;
  /** Bytes of the original that have gone by. */
  #position = 0;

  constructor(edits: readonly BodyEdit[]) {
    this.#edits = edits;
  }

  /** What becomes of the next piece; the piece itself behind the last edit. */
  through(piece: Uint8Array): readonly Uint8Array[] {
    const begin = this.#position;
    const end = begin + piece.length;
    this.#position = end;
    const result: Uint8Array[] = [];
    let kept = begin;
    for (let edit = this.#edits[this.#next]; edit !== undefined; edit = this.#edits[this.#next]) {
      if (edit.start >= end) break;
      if (edit.start >= begin) {
        if (edit.start > kept) result.push(piece.subarray(kept - begin, edit.start - begin));
        if (edit.bytes.length > 0) result.push(edit.bytes);
      }
      kept = Math.min(edit.end, end);
      if (edit.end > end) break;
      this.#next += 1;
    }
    if (kept < end) result.push(kept === begin ? piece : piece.subarray(kept - begin));
    return result;
  }
}
