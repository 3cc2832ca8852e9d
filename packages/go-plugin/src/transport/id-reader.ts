import { PluginError } from '../errors.ts';
import type { MuxStream, StreamOwner } from './mux-stream.ts';

export interface IdReaderResult {
  read(id: number): void;
  failed(error: PluginError): void;
}

/** Owns a stream until its first four bytes, a little-endian number, are read; then it has no owner. */
export class IdReader implements StreamOwner {
  readonly #stream: MuxStream;
  readonly #result: IdReaderResult;
  readonly #bytes = new Uint8Array(4);
  #length = 0;

  constructor(stream: MuxStream, result: IdReaderResult) {
    this.#stream = stream;
    this.#result = result;
  }

  data(bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.#bytes.length - this.#length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
    this.#stream.consumed(part.length);
    if (this.#length < this.#bytes.length) return;
    this.#stream.disown(bytes.subarray(part.length));
    this.#result.read(new DataView(this.#bytes.buffer).getUint32(0, true));
  }

  end(): void {
    this.#result.failed(
      new PluginError('PLUGIN_BROKER_FAILED', 'The peer ended a stream without a broker id.'),
    );
  }

  closed(error: PluginError): void {
    this.#result.failed(error);
  }
}
