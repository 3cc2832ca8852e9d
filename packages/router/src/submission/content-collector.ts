import { type BodyStorage, BodyWriter } from '../message/body-writer.ts';
import type { MessageBody } from '../message/message-body.ts';

/** Pieces below this are joined; a whole TCP segment is above. */
const SMALL_PIECE_BYTES = 1_024;
const BLOCK_BYTES = 16_384;

/**
 * Collects the content of one message. Large pieces are kept as they are; small ones that follow each
 * other are copied together, so that memory follows the size of a message and not into how many
 * pieces a client cut it. Pieces of a message beyond the size limit are counted and thrown away.
 */
export class ContentCollector {
  readonly #maxBytes: number;
  readonly #writer: BodyWriter;
  /** Small bytes not yet given to the writer: one piece, or the used part of `#block`. */
  #tail: Uint8Array | undefined;
  #block: Buffer | undefined;
  #sizeBytes = 0;

  constructor(maxBytes: number, storage?: BodyStorage) {
    this.#maxBytes = maxBytes;
    this.#writer = new BodyWriter(storage);
  }

  /** Bytes received, those beyond the limit included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get isTooLarge(): boolean {
    return this.#sizeBytes > this.#maxBytes;
  }

  /** True when the disk failed: what was received is lost, the client must send it again. */
  get isFailed(): boolean {
    return this.#writer.isFailed;
  }

  /**
   * Takes the piece over: nobody may change it any more. A promise asks to read on only when it has
   * settled; it never rejects.
   */
  append(piece: Uint8Array): void | Promise<void> {
    this.#sizeBytes += piece.length;
    if (this.isTooLarge) {
      this.release();
      return;
    }
    if (piece.length < SMALL_PIECE_BYTES) {
      this.#join(piece);
    } else {
      this.#endTail();
      this.#writer.append(piece);
    }
    return this.#writer.makeRoom();
  }

  /** What was received of the header section, cut at 64 KiB. */
  headerSection(): Uint8Array {
    this.#endTail();
    return this.#writer.headerSection();
  }

  /** The body, with `traceHeader` in front; nothing may be appended afterwards. */
  finish(traceHeader: Uint8Array): MessageBody {
    this.#endTail();
    return this.#writer.finish(traceHeader);
  }

  /** What was received is not wanted; nothing happens after `finish`. */
  release(): void {
    this.#tail = undefined;
    this.#block = undefined;
    this.#writer.release();
  }

  #join(piece: Uint8Array): void {
    const tail = this.#tail;
    if (tail === undefined) {
      this.#tail = piece;
      return;
    }
    const end = tail.length + piece.length;
    if (end > BLOCK_BYTES) {
      this.#endTail();
      this.#tail = piece;
      return;
    }
    const block = this.#block ?? startBlock(tail);
    block.set(piece, tail.length);
    this.#block = block;
    this.#tail = block.subarray(0, end);
  }

  #endTail(): void {
    if (this.#tail !== undefined) this.#writer.append(this.#tail);
    this.#tail = undefined;
    this.#block = undefined;
  }
}

function startBlock(tail: Uint8Array): Buffer {
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  block.set(tail, 0);
  return block;
}
