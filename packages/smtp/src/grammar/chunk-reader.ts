/**
 * Reads content that comes in chunks of announced size (BDAT, RFC 3030 §2). Nothing in the bytes ends a
 * chunk and no dot is stuffed; otherwise content may hold what it may after DATA: lines end with CRLF,
 * nothing else is a newline, so that no two servers see different lines. What is content does not depend
 * on how it is cut into chunks: a CRLF may lie across two of them. The last line may lack its CRLF.
 *
 * A fault does not stop the reading: the bytes announced are content, whatever they are.
 */
import { type ContentFault, worseFault } from './content-fault.ts';
import type { ContentLimits, ContentRead } from './content-reader.ts';
import { hasEightBit } from './line-scan.ts';
import { scanText } from './scan-text.ts';

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const EMPTY = new Uint8Array();

/** The content of one message, over all of its chunks. */
export class ChunkReader {
  readonly #maxContentBytes: number;
  readonly #isEightBitAllowed: boolean;
  /** Bytes of the chunk at hand that have not come. */
  #leftBytes = 0;
  #announcedBytes = 0;
  #sizeBytes = 0;
  /** The last byte was a CR: LF must follow. */
  #isAfterCr: boolean = false;
  #fault: ContentFault | undefined;

  constructor(limits: ContentLimits = {}) {
    this.#maxContentBytes = limits.maxContentBytes ?? Number.POSITIVE_INFINITY;
    this.#isEightBitAllowed = limits.isEightBitAllowed ?? true;
  }

  /** Content bytes so far, those after a fault included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The worst fault so far. */
  get fault(): ContentFault | undefined {
    return this.#fault;
  }

  /** True as soon as more is announced than allowed: there is no use in waiting for further chunks. */
  get isTooLarge(): boolean {
    return this.#announcedBytes > this.#maxContentBytes;
  }

  /** A chunk of that many bytes begins; the one before it has ended. */
  begin(sizeBytes: number): void {
    this.#leftBytes = sizeBytes;
    this.#announcedBytes += sizeBytes;
    if (this.isTooLarge) this.#note('too-large');
  }

  /** Reads at most to the end of the chunk, which `isEnd` tells. `content` is a view; empty after a fault. */
  read(bytes: Uint8Array): ContentRead {
    const consumed = Math.min(bytes.length, this.#leftBytes);
    const read = consumed === bytes.length ? bytes : bytes.subarray(0, consumed);
    this.#leftBytes -= consumed;
    this.#sizeBytes += consumed;
    if (consumed > 0) this.#scan(read);
    if (!this.#isEightBitAllowed && hasEightBit(read)) this.#note('eight-bit');
    return { content: this.#fault === undefined ? read : EMPTY, consumed, isEnd: this.#leftBytes === 0 };
  }

  /** The last chunk has ended: a CR at the end of everything has no LF any more. */
  finish(): void {
    if (this.#isAfterCr) this.#note('bare-cr');
    this.#isAfterCr = false;
  }

  #scan(bytes: Uint8Array): void {
    const scan = scanText(bytes);
    let index = scan.skip(this.#lineFeedAtStart(bytes));
    while (index < bytes.length) {
      const byte = bytes[index];
      index += 1;
      if (byte === CR) {
        if (index === bytes.length) this.#isAfterCr = true;
        else if (bytes[index] === LF) index += 1;
        else this.#note('bare-cr');
      } else if (byte === LF) {
        this.#note('bare-lf');
      } else if (byte === NUL) {
        this.#note('nul');
      }
      index = scan.skip(index);
    }
  }

  /** 1 when the first byte ends a line whose CR came before, else 0. */
  #lineFeedAtStart(bytes: Uint8Array): 0 | 1 {
    if (!this.#isAfterCr) return 0;
    this.#isAfterCr = false;
    if (bytes[0] === LF) return 1;
    this.#note('bare-cr');
    return 0;
  }

  #note(fault: ContentFault): void {
    this.#fault = worseFault(this.#fault, fault);
  }
}
