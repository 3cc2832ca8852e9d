import type { MuxStream, StreamOwner } from './mux-stream.ts';

/** Reads a stream for ever and hands its bytes on: what a plugin prints must never block it. */
export class OutputReader implements StreamOwner {
  readonly #stream: MuxStream;
  readonly #take: (bytes: Uint8Array) => void;

  constructor(stream: MuxStream, take: (bytes: Uint8Array) => void) {
    this.#stream = stream;
    this.#take = take;
  }

  data(bytes: Uint8Array): void {
    this.#take(bytes);
    this.#stream.consumed(bytes.length);
  }

  /** The plugin prints no more; its calls go on. */
  end(): void {
    return;
  }

  /** Its connection, or only this stream, is gone; the former shows elsewhere, the latter harms nobody. */
  closed(): void {
    return;
  }
}
