import { isAscii } from 'node:buffer';
import { RouterError } from '../errors.ts';
import { HeaderSection } from './header-section.ts';
import type { MessageBody } from './message-body.ts';

/**
 * A message body collected in memory: the pieces are kept as they were received, never copied and
 * never joined. One that lives in a file would differ in `append` and `read` only.
 */
export class MemoryBodyWriter {
  readonly #chunks: Uint8Array[] = [];
  readonly #header = new HeaderSection();
  #sizeBytes = 0;
  #has8bit = false;

  /** Bytes appended so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes the piece over: the caller must not change it any more. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    this.#has8bit ||= !isAscii(chunk);
    this.#header.append(chunk);
  }

  /**
   * The header section received so far, the empty line included, cut at 64 KiB: what a loop check
   * looks at before the body is finished.
   */
  headerSection(): Uint8Array {
    return this.#header.bytes();
  }

  /**
   * The finished body with `prefix` (the router's own trace field, ASCII) in front. Nothing may be
   * appended afterwards.
   */
  finish(prefix: Uint8Array): MemoryBody {
    const chunks = prefix.length === 0 ? this.#chunks : [prefix, ...this.#chunks];
    return new MemoryBody({
      chunks,
      sizeBytes: prefix.length + this.#sizeBytes,
      has8bit: this.#has8bit,
      prefix,
      received: this.#header.bytes(),
    });
  }
}

/** A body of pieces that are already at hand, e.g. of a test or of a message handed in whole. */
export function createMemoryBody(chunks: Iterable<Uint8Array>, prefix = new Uint8Array(0)): MemoryBody {
  const writer = new MemoryBodyWriter();
  for (const chunk of chunks) writer.append(chunk);
  return writer.finish(prefix);
}

interface MemoryBodyParts {
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  readonly prefix: Uint8Array;
  readonly received: Uint8Array;
}

/** A finished body in memory; made by `MemoryBodyWriter` or `createMemoryBody`. */
export class MemoryBody implements MessageBody {
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** Undefined once released. */
  #parts: MemoryBodyParts | undefined;

  constructor(parts: MemoryBodyParts) {
    this.sizeBytes = parts.sizeBytes;
    this.has8bit = parts.has8bit;
    this.#parts = parts;
  }

  get headerSection(): Uint8Array {
    const { prefix, received } = this.#held();
    return Buffer.concat([prefix, received]).subarray(0, HeaderSection.MAX_BYTES);
  }

  read(): readonly Uint8Array[] {
    return this.#held().chunks;
  }

  release(): void {
    this.#parts = undefined;
  }

  /** Reading on after `release` must not look like an empty message. */
  #held(): MemoryBodyParts {
    if (this.#parts === undefined) {
      throw new RouterError('ROUTER_INTERNAL', 'A message body was read after it had been released.');
    }
    return this.#parts;
  }
}
