import type { ChunkCommand } from '../grammar/chunk-command.ts';
import { ChunkReader } from '../grammar/chunk-reader.ts';
import type { ContentFault } from '../grammar/content-fault.ts';
import type { ContentLimits, ContentRead } from '../grammar/content-reader.ts';

/** Content that comes by BDAT (RFC 3030 §2): the chunk at hand, and what came before it. */
export class IncomingChunks {
  readonly #reader: ChunkReader;
  #chunk: ChunkCommand;

  constructor(limits: ContentLimits, first: ChunkCommand) {
    this.#reader = new ChunkReader(limits);
    this.#chunk = first;
    this.begin(first);
  }

  get sizeBytes(): number {
    return this.#reader.sizeBytes;
  }

  /** The worst fault so far. */
  get fault(): ContentFault | undefined {
    return this.#reader.fault;
  }

  /** The next chunk; the one before it has ended. */
  begin(chunk: ChunkCommand): void {
    this.#chunk = chunk;
    this.#reader.begin(chunk.sizeBytes);
  }

  /** Reads at most to the end of the chunk, which `isEnd` tells. */
  read(bytes: Uint8Array): ContentRead {
    return this.#reader.read(bytes);
  }

  /**
   * The chunk has ended; answers whether the content has too. Content that is too large ends with the
   * chunk that made it so; other faults wait for the last one.
   */
  end(): { readonly isContentEnd: boolean; readonly sizeBytes: number } {
    if (this.#chunk.isLast) this.#reader.finish();
    return {
      isContentEnd: this.#chunk.isLast || this.#reader.isTooLarge,
      sizeBytes: this.#chunk.sizeBytes,
    };
  }
}
