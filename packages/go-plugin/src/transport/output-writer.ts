import type { PluginError } from '../errors.ts';
import type { MuxStream, StreamOwner } from './mux-stream.ts';

/** Largest piece given to a stream at once. */
const PIECE_BYTES = 65_536;

/**
 * Brings what `source` yields to a stream, only as fast as the peer reads, and ends the stream with it.
 * When the stream ends first, the source's iterator is returned.
 */
export class OutputWriter implements StreamOwner {
  readonly #stream: MuxStream;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #isOver: boolean = false;

  constructor(stream: MuxStream, source: AsyncIterable<Uint8Array>) {
    this.#stream = stream;
    this.#iterator = source[Symbol.asyncIterator]();
    stream.setOwner(this);
    void this.#run();
  }

  /** The peer has nothing to say here. */
  data(bytes: Uint8Array): void {
    this.#stream.consumed(bytes.length);
  }

  /** The peer will send nothing, but may still read. */
  end(): void {
    return;
  }

  closed(_error: PluginError): void {
    this.#stop();
  }

  async #run(): Promise<void> {
    try {
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        await this.#write(next.value);
        if (this.#isOver) return;
      }
      this.#stream.finish();
    } catch {
      // Either the source failed or the stream is gone: no more output reaches the peer, calls go on.
      this.#stop();
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isOver; at += PIECE_BYTES) {
      if (!this.#stream.write(bytes.subarray(at, at + PIECE_BYTES))) await this.#stream.drained();
    }
  }

  /** Lets go of the source. Not awaited: it answers only when its next piece comes. */
  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#iterator.return?.().catch(() => undefined);
  }
}
