import type { BodyFile } from './body-file.ts';
import type { BodyFiles } from './body-files.ts';
import { ContentFacts } from './content-facts.ts';
import { FileBody } from './file-body.ts';
import { MemoryBody } from './memory-body.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { MessageBody } from './message-body.ts';

/** A message larger than this goes to a file while half of the memory is used. */
const LARGE_BYTES = 262_144;
/** What is gathered before it is written to a file. */
const WRITE_BYTES = 131_072;

/** Where the bodies of all messages are kept. */
export interface BodyStorage {
  readonly budget: MemoryBudget;
  readonly files: BodyFiles;
}

/**
 * - `open`    pieces are taken;
 * - `failed`  the file could not be made or written: everything is given back, pieces are thrown away;
 * - `ended`   finished or released.
 */
type State = 'open' | 'failed' | 'ended';

/**
 * Takes the pieces of one body. They stay in memory as they were received, until `makeRoom` finds that
 * memory is short: then they go to a temporary file, and what follows does too.
 */
export class BodyWriter {
  readonly #storage: BodyStorage | undefined;
  readonly #facts = new ContentFacts();
  #state: State = 'open';
  #chunks: Uint8Array[] = [];
  /** Of `#chunks`, as taken from the budget. */
  #chunkBytes = 0;
  #file: BodyFile | undefined;

  /** Without storage everything stays in memory, uncounted. */
  constructor(storage?: BodyStorage) {
    this.#storage = storage;
  }

  /** True when the body was lost to a fault of the disk: the message cannot be accepted. */
  get isFailed(): boolean {
    return this.#state === 'failed';
  }

  /** Takes the piece over: the caller must not change it any more. */
  append(chunk: Uint8Array): void {
    if (this.#state !== 'open' || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    this.#facts.append(chunk);
    this.#storage?.budget.take(chunk.length);
  }

  /**
   * To be called before more is read. Undefined = go on; otherwise nothing may be appended until the
   * promise settles. Never rejects: see `isFailed`.
   */
  makeRoom(): Promise<void> | undefined {
    const storage = this.#storage;
    if (storage === undefined || this.#state !== 'open') return undefined;
    if (this.#file === undefined && !storage.budget.isHalfUsed) return undefined;
    return this.#isWorthWriting(storage.budget) ? this.#writeOut(storage) : storage.budget.room();
  }

  /**
   * The header section received so far, the empty line included, cut at 64 KiB: what a loop check
   * looks at before the body is finished.
   */
  headerSection(): Uint8Array {
    return this.#facts.header.bytes();
  }

  /**
   * The finished body with `prefix` (the router's own trace field, ASCII) in front; it owns everything
   * from here on. Not after `isFailed` or `release`.
   */
  finish(prefix: Uint8Array): MessageBody {
    this.#state = 'ended';
    const budget = this.#storage?.budget;
    if (this.#file === undefined || budget === undefined) {
      return new MemoryBody({
        chunks: this.#chunks,
        facts: this.#facts,
        prefix,
        ...(budget !== undefined && { budget }),
      });
    }
    return new FileBody({
      prefix,
      file: this.#file,
      tail: this.#chunks,
      facts: this.#facts,
      budget,
      tailBytes: this.#chunkBytes,
    });
  }

  /** The body will not be finished. Idempotent; nothing happens after `finish`. */
  release(): void {
    if (this.#state === 'open') this.#end('ended');
  }

  #isWorthWriting(budget: MemoryBudget): boolean {
    if (budget.isScarce) return this.#chunkBytes > 0;
    return this.#file === undefined ? this.#chunkBytes > LARGE_BYTES : this.#chunkBytes >= WRITE_BYTES;
  }

  /** Bytes count as long as they are in memory: until the write has ended, whatever became of it. */
  async #writeOut({ budget, files }: BodyStorage): Promise<void> {
    const chunks = this.#chunks;
    const bytes = this.#chunkBytes;
    this.#chunks = [];
    this.#chunkBytes = 0;
    // Views would keep in memory what is written to the file.
    this.#facts.header.detach();
    try {
      this.#file ??= await files.create();
      if (this.#state === 'open') await this.#file.append(chunks);
    } catch {
      if (this.#state === 'open') this.#end('failed');
    }
    budget.give(bytes);
    if (this.#state === 'open') await budget.room();
    else this.#file?.release();
  }

  #end(state: 'failed' | 'ended'): void {
    this.#state = state;
    this.#chunks = [];
    this.#storage?.budget.give(this.#chunkBytes);
    this.#chunkBytes = 0;
    this.#file?.release();
  }
}
