import { PluginError } from '../errors.ts';
import { FRAME_TYPE, type FrameHeader, HEADER_BYTES, YAMUX_VERSION } from './frame.ts';

/** Takes what a `FrameReader` finds. */
export interface FrameSink {
  /**
   * A header; the object is reused, so keep fields, not the object. For a data frame the payload follows
   * by `payload`; this is the moment to check its length. False stops the reader for good.
   */
  frame(header: FrameHeader): boolean;
  /** A part of the payload, as a view of the bytes received; `isLast` when the frame is complete. */
  payload(bytes: Uint8Array, isLast: boolean): void;
}

/**
 * Cuts received bytes into frames. Never holds more than an unfinished header: payloads are handed on as
 * views, in as many parts as they arrive.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #header = { type: 0, flags: 0, streamId: 0, length: 0 };
  readonly #partial = new Uint8Array(HEADER_BYTES);
  /** Bytes of `#partial` that are filled. */
  #partialLength = 0;
  /** Bytes of the current payload still to come. */
  #payloadLeft = 0;
  #isStopped: boolean = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Throws `YAMUX_BAD_FRAME` for a header that is not yamux; the reader is of no use afterwards. */
  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#isStopped) {
      at = this.#payloadLeft > 0 ? this.#readPayload(bytes, at) : this.#readHeader(bytes, at);
    }
  }

  #readPayload(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#payloadLeft);
    this.#payloadLeft -= end - at;
    this.#sink.payload(bytes.subarray(at, end), this.#payloadLeft === 0);
    return end;
  }

  #readHeader(bytes: Uint8Array, at: number): number {
    if (this.#partialLength === 0 && bytes.length - at >= HEADER_BYTES) {
      this.#takeHeader(bytes, at);
      return at + HEADER_BYTES;
    }
    const end = Math.min(bytes.length, at + HEADER_BYTES - this.#partialLength);
    this.#partial.set(bytes.subarray(at, end), this.#partialLength);
    this.#partialLength += end - at;
    if (this.#partialLength === HEADER_BYTES) {
      this.#partialLength = 0;
      this.#takeHeader(this.#partial, 0);
    }
    return end;
  }

  #takeHeader(bytes: Uint8Array, at: number): void {
    const version = bytes[at] ?? 0;
    const type = bytes[at + 1] ?? 0;
    if (version !== YAMUX_VERSION) throw badFrame(`version ${version}`);
    if (type > FRAME_TYPE.GO_AWAY) throw badFrame(`type ${type}`);
    this.#header.type = type;
    this.#header.flags = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    this.#header.streamId = readUint32(bytes, at + 4);
    this.#header.length = readUint32(bytes, at + 8);
    if (type === FRAME_TYPE.DATA) this.#payloadLeft = this.#header.length;
    this.#isStopped = !this.#sink.frame(this.#header);
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x100_0000 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}

function badFrame(what: string): PluginError {
  return new PluginError('YAMUX_BAD_FRAME', `The peer sent a yamux frame of ${what}.`);
}
