import { Fifo } from './fifo.ts';

/**
 * Bytes received and not yet read, in order. Chunks are kept as views, never copied or joined; how many
 * wait here is the business of whoever hands them in (back-pressure).
 */
export class ByteQueue {
  readonly #chunks = new Fifo<Uint8Array>();

  /** True when nothing waits. */
  get isEmpty(): boolean {
    return this.#chunks.isEmpty;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }

  /** What is to be read next: the rest of the oldest chunk. */
  peek(): Uint8Array | undefined {
    return this.#chunks.peek();
  }

  /** Removes `count` bytes from the chunk that `peek` answers. */
  skip(count: number): void {
    const chunk = this.#chunks.peek();
    if (chunk === undefined) return;
    if (count >= chunk.length) this.#chunks.shift();
    else this.#chunks.replace(chunk.subarray(count));
  }

  clear(): void {
    this.#chunks.clear();
  }
}
