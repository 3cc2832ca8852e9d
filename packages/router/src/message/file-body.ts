import type { BodyFile } from './body-file.ts';
import type { ContentFacts } from './content-facts.ts';
import { joinHeader, readTooLate } from './memory-body.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { MessageBody } from './message-body.ts';

/** What a reader has in memory at a time. */
const BLOCK_BYTES = 65_536;

/** What a body in a file is made of; it owns file and pieces. */
export interface FileBodyParts {
  readonly prefix: Uint8Array;
  readonly file: BodyFile;
  /** What comes behind the file: pieces too small to be worth a write of their own. */
  readonly tail: readonly Uint8Array[];
  /** Of file and tail; the header section is a copy. */
  readonly facts: ContentFacts;
  readonly budget: MemoryBudget;
  /** What is given back to the budget on release. */
  readonly tailBytes: number;
}

/**
 * A finished body that lies in a temporary file. Every reader reads by itself, a block when it asks for
 * one, so a downstream that does not take the first block never makes us read the second.
 */
export class FileBody implements MessageBody {
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** Undefined once released. */
  #parts: FileBodyParts | undefined;

  constructor(parts: FileBodyParts) {
    this.sizeBytes = parts.prefix.length + parts.facts.sizeBytes;
    this.has8bit = parts.facts.has8bit;
    this.#parts = parts;
  }

  get headerSection(): Uint8Array {
    const { prefix, facts } = this.#held();
    return joinHeader(prefix, facts.header.bytes());
  }

  read(): AsyncIterable<Uint8Array> {
    return readParts(this.#held());
  }

  /** A reader that is not at the end fails: what it had so far must not look like a message. */
  release(): void {
    const parts = this.#parts;
    this.#parts = undefined;
    parts?.file.release();
    parts?.budget.give(parts.tailBytes);
  }

  #held(): FileBodyParts {
    if (this.#parts === undefined) throw readTooLate();
    return this.#parts;
  }
}

async function* readParts({ prefix, file, tail }: FileBodyParts): AsyncGenerator<Uint8Array> {
  if (prefix.length > 0) yield prefix;
  let position = 0;
  while (position < file.sizeBytes) {
    const block = await file.read(position, Math.min(BLOCK_BYTES, file.sizeBytes - position));
    position += block.length;
    yield block;
  }
  yield* tail;
}
