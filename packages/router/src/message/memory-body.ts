import { RouterError } from '../errors.ts';
import { ContentFacts } from './content-facts.ts';
import { HeaderSection } from './header-section.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { MessageBody } from './message-body.ts';

/** A body of pieces that are already at hand, e.g. of a test or of a message handed in whole. */
export function createMemoryBody(
  chunks: Iterable<Uint8Array>,
  prefix: Uint8Array = new Uint8Array(0),
): MemoryBody {
  const facts = new ContentFacts();
  const kept = [...chunks].filter((chunk) => chunk.length > 0);
  for (const chunk of kept) facts.append(chunk);
  return new MemoryBody({ chunks: kept, facts, prefix });
}

/** What a body in memory is made of; it owns the pieces. */
export interface MemoryBodyParts {
  readonly chunks: Uint8Array[];
  /** Of the pieces. */
  readonly facts: ContentFacts;
  /** The router's own trace field, ASCII; '' = none. */
  readonly prefix: Uint8Array;
  /** Where the size of the pieces is given back on release; absent = it was never taken. */
  readonly budget?: MemoryBudget;
}

/** A finished body in memory: the pieces are those that were received, never copied and never joined. */
export class MemoryBody implements MessageBody {
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  /** Undefined once released. */
  #parts: MemoryBodyParts | undefined;

  constructor(parts: MemoryBodyParts) {
    const { chunks, facts, prefix } = parts;
    if (prefix.length > 0) chunks.unshift(prefix);
    this.sizeBytes = prefix.length + facts.sizeBytes;
    this.has8bit = facts.has8bit;
    this.#parts = parts;
  }

  get headerSection(): Uint8Array {
    const { prefix, facts } = this.#held();
    return joinHeader(prefix, facts.header.bytes());
  }

  read(): readonly Uint8Array[] {
    return this.#held().chunks;
  }

  release(): void {
    const parts = this.#parts;
    this.#parts = undefined;
    parts?.budget?.give(parts.facts.sizeBytes);
  }

  /** Reading on after `release` must not look like an empty message. */
  #held(): MemoryBodyParts {
    if (this.#parts === undefined) throw readTooLate();
    return this.#parts;
  }
}

/** Trace field and received header section as one, cut at 64 KiB. */
export function joinHeader(prefix: Uint8Array, received: Uint8Array): Uint8Array {
  return Buffer.concat([prefix, received]).subarray(0, HeaderSection.MAX_BYTES);
}

/** A defect of whoever reads a body that was given back. */
export function readTooLate(): RouterError {
  return new RouterError('ROUTER_INTERNAL', 'A message body was read after it had been released.');
}
