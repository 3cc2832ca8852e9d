import { FRAME_TYPE, HEADER_BYTES, YAMUX_VERSION } from './frame.ts';

/** Smallest buffer made. */
const MIN_CAPACITY = 512;

/**
 * Collects outgoing frames in one buffer. Data written in a row for one stream becomes one frame, so
 * that many small calls in one turn cost the peer one header.
 */
export class FrameWriter {
  readonly #maxFrameBytes: number;
  #bytes = new Uint8Array(MIN_CAPACITY);
  #length = 0;
  /** Where the last frame starts while it is a data frame, else -1. */
  #openFrame = -1;
  #openStreamId = 0;

  /** `maxFrameBytes`: largest payload of one data frame. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Everything written; the caller owns the bytes. */
  take(): Uint8Array | undefined {
    if (this.#length === 0) return undefined;
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(MIN_CAPACITY);
    this.#length = 0;
    this.#openFrame = -1;
    return taken;
  }

  /** A frame without payload; `value` fills the length field. */
  control(type: number, flags: number, streamId: number, value: number): void {
    this.#reserve(HEADER_BYTES);
    this.#header(type, flags, streamId, value);
    this.#openFrame = -1;
  }

  /** Data of one stream, copied, in frames of at most `maxFrameBytes`. */
  data(streamId: number, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const size = this.#openFor(streamId, bytes.length - at);
      this.#reserve(size);
      this.#bytes.set(
        at === 0 && size === bytes.length ? bytes : bytes.subarray(at, at + size),
        this.#length,
      );
      this.#length += size;
      this.#setUint32(this.#openFrame + 8, this.#length - this.#openFrame - HEADER_BYTES);
      at += size;
    }
  }

  /** Makes sure that the last frame is one of `streamId` with room; answers how many bytes it takes. */
  #openFor(streamId: number, wanted: number): number {
    const used = this.#openFrame < 0 ? 0 : this.#length - this.#openFrame - HEADER_BYTES;
    if (this.#openFrame >= 0 && this.#openStreamId === streamId && used < this.#maxFrameBytes) {
      return Math.min(wanted, this.#maxFrameBytes - used);
    }
    this.#reserve(HEADER_BYTES);
    this.#openFrame = this.#length;
    this.#openStreamId = streamId;
    this.#header(FRAME_TYPE.DATA, 0, streamId, 0);
    return Math.min(wanted, this.#maxFrameBytes);
  }

  #header(type: number, flags: number, streamId: number, length: number): void {
    const at = this.#length;
    this.#bytes[at] = YAMUX_VERSION;
    this.#bytes[at + 1] = type;
    this.#bytes[at + 2] = flags >>> 8;
    this.#bytes[at + 3] = flags;
    this.#setUint32(at + 4, streamId);
    this.#setUint32(at + 8, length);
    this.#length = at + HEADER_BYTES;
  }

  #setUint32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
