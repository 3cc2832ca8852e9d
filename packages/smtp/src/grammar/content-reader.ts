/**
 * Reads content after DATA up to the end of data (RFC 5321 §4.1.1.4, §4.5.2), a machine over bytes that
 * does not know how they were cut.
 *
 * | state        | last bytes          | CR       | LF           | "."               | other    |
 * |--------------|---------------------|----------|--------------|-------------------|----------|
 * | `line-start` | CRLF, or the 354    | `cr`     | bare LF      | `dot`, removed    | `text`   |
 * | `text`       | within a line       | `cr`     | bare LF      | `text`            | `text`   |
 * | `cr`         | CR                  | bare CR  | `line-start` | bare CR           | bare CR  |
 * | `dot`        | CRLF "."            | `dot-cr` | bare LF      | `text`            | `text`   |
 * | `dot-cr`     | CRLF "." CR         | bare CR  | *end*        | bare CR           | bare CR  |
 *
 * Only CRLF "." CRLF ends: no other newline is taken for a line end anywhere, so that nobody can make
 * this server and the next see different ends (SMTP smuggling). A fault does not stop the reading: the
 * client goes on sending, and what it sends until the real end must not be taken for commands.
 */
import { type ContentFault, worseFault } from './content-fault.ts';
import { hasEightBit } from './line-scan.ts';
import { scanText } from './scan-text.ts';

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const EMPTY = new Uint8Array();

/** What the content of one message may be. */
export interface ContentLimits {
  /** Dot-stuffing removed, CRLFs counted (RFC 1870 §5). Default: no limit. */
  readonly maxContentBytes?: number | undefined;
  /** Bytes above 127 are no fault (RFC 6152). Default true. */
  readonly isEightBitAllowed?: boolean;
}

/** What one call of `read` led to. */
export interface ContentRead {
  /** Dot-stuffing removed: a view of the chunk, or a copy when dots were removed. Empty after a fault. */
  readonly content: Uint8Array;
  /** Bytes of the chunk that were read: all, or those up to the end of data. */
  readonly consumed: number;
  readonly isEnd: boolean;
}

type ReadingState = 'line-start' | 'text' | 'cr' | 'dot' | 'dot-cr';
type ContentState = ReadingState | 'end';
type ByteClass = 'cr' | 'lf' | 'dot' | 'other';

/** What one byte does. */
interface Step {
  readonly next: ContentState;
  readonly fault?: ContentFault;
  /** The byte belongs to dot-stuffing or to the end of data. */
  readonly isRemoved?: boolean;
}

/** The table at the head of this file. */
export const CONTENT_STEPS: Readonly<Record<ReadingState, Readonly<Record<ByteClass, Step>>>> = {
  'line-start': {
    cr: { next: 'cr' },
    lf: { next: 'text', fault: 'bare-lf' },
    dot: { next: 'dot', isRemoved: true },
    other: { next: 'text' },
  },
  text: {
    cr: { next: 'cr' },
    lf: { next: 'text', fault: 'bare-lf' },
    dot: { next: 'text' },
    other: { next: 'text' },
  },
  cr: {
    cr: { next: 'cr', fault: 'bare-cr' },
    lf: { next: 'line-start' },
    dot: { next: 'text', fault: 'bare-cr' },
    other: { next: 'text', fault: 'bare-cr' },
  },
  dot: {
    cr: { next: 'dot-cr', isRemoved: true },
    lf: { next: 'text', fault: 'bare-lf' },
    dot: { next: 'text' },
    other: { next: 'text' },
  },
  'dot-cr': {
    cr: { next: 'cr', fault: 'bare-cr' },
    lf: { next: 'end', isRemoved: true },
    dot: { next: 'text', fault: 'bare-cr' },
    other: { next: 'text', fault: 'bare-cr' },
  },
};

/** The content of one message. */
export class ContentReader {
  readonly #maxContentBytes: number;
  readonly #isEightBitAllowed: boolean;
  #state: ContentState = 'line-start';
  #sizeBytes = 0;
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

  /** Reads a chunk, at most to the end of data; after that the reader is used up. */
  read(chunk: Uint8Array): ContentRead {
    const scan = scanText(chunk);
    const removed: number[] = [];
    let index = 0;
    while (index < chunk.length && this.#state !== 'end') {
      if (this.#state === 'text') index = scan.skip(index);
      if (index < chunk.length) index = this.#step(this.#state, chunk, index, removed);
    }
    const read = index === chunk.length ? chunk : chunk.subarray(0, index);
    this.#sizeBytes += index - removed.length;
    if (this.#sizeBytes > this.#maxContentBytes) this.#note('too-large');
    if (!this.#isEightBitAllowed && hasEightBit(read)) this.#note('eight-bit');
    const content = this.#fault === undefined ? without(removed, read) : EMPTY;
    return { content, consumed: index, isEnd: this.#state === 'end' };
  }

  /** One byte by the table. Answers the position behind it. */
  #step(state: ReadingState, chunk: Uint8Array, index: number, removed: number[]): number {
    const byte = chunk[index] ?? NUL;
    const step = CONTENT_STEPS[state][classOf(byte)];
    this.#state = step.next;
    if (byte === NUL) this.#note('nul');
    if (step.fault !== undefined) this.#note(step.fault);
    if (step.isRemoved === true) removed.push(index);
    return index + 1;
  }

  #note(fault: ContentFault): void {
    this.#fault = worseFault(this.#fault, fault);
  }
}

function classOf(byte: number): ByteClass {
  if (byte === CR) return 'cr';
  if (byte === LF) return 'lf';
  return byte === DOT ? 'dot' : 'other';
}

/** The bytes without those at the given positions: a view when they are at the ends only, else one copy. */
function without(removed: readonly number[], bytes: Uint8Array): Uint8Array {
  if (removed.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const index of removed) {
    if (index > start) parts.push(bytes.subarray(start, index));
    start = index + 1;
  }
  if (start < bytes.length) parts.push(bytes.subarray(start));
  return parts.length <= 1 ? (parts[0] ?? EMPTY) : join(parts, bytes.length - removed.length);
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
