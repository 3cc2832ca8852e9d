import { Duplex } from 'node:stream';
import type { MuxStream } from './mux-stream.ts';

/** A stream of a multiplexer as a Node stream, for TLS and HTTP/2 to run on. The peer's window is its only buffer. */
export class MuxDuplex extends Duplex {
  readonly #stream: MuxStream;
  /** Bytes handed to Node whose window is not granted yet. */
  #unconsumed = 0;
  #isPeerDone: boolean = false;
  #isOurHalfDone: boolean = false;
  /** True once nothing more can be said on the stream. */
  #isGone: boolean = false;

  constructor(stream: MuxStream) {
    super();
    this.#stream = stream;
    stream.setOwner({
      data: (bytes) => {
        this.#unconsumed += bytes.length;
        this.push(bytes);
      },
      end: () => {
        this.#isPeerDone = true;
        this.push(null);
      },
      closed: (error) => {
        this.#isGone = true;
        this.destroy(error);
      },
    });
  }

  override _read(): void {
    const bytes = this.#unconsumed;
    this.#unconsumed = 0;
    if (bytes > 0 && !this.#isGone) this.#stream.consumed(bytes);
  }

  override _write(
    bytes: Uint8Array,
    _encoding: BufferEncoding,
    written: (error?: Error | null) => void,
  ): void {
    try {
      if (this.#stream.write(bytes)) written();
      else void this.#stream.drained().then(() => written());
    } catch (error) {
      written(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _final(finished: (error?: Error | null) => void): void {
    this.#isOurHalfDone = true;
    if (!this.#isGone) this.#stream.finish();
    finished();
  }

  override _destroy(error: Error | null, destroyed: (error?: Error | null) => void): void {
    const isInOrder = this.#isPeerDone && this.#isOurHalfDone;
    if (!this.#isGone && !isInOrder) this.#stream.reset();
    this.#isGone = true;
    destroyed(error);
  }
}
