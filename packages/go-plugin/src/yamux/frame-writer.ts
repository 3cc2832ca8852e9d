import { FRAME_TYPE, HEADER_BYTES, YAMUX_VERSION } from './frame.ts';

/** Size of a buffer, unless more is waiting. */
const BUFFER_BYTES = 16_384;

const NONE = new Uint8Array(0);

/**
 * Collects outgoing frames. Data written in a row for one stream becomes one frame, so that many small
 * calls in one turn cost the peer one header. What is taken is a part of a buffer whose rest is used for
 * the frames that follow: a buffer of their own for a few bytes costs more than all the rest.
 */
export class FrameWriter {
  readonly #maxFrameBytes: number;
  #bytes: Uint8Array = NONE;
  /** Start of what was not taken yet; what is before it is never written to again. */
  #start = 0;
  #end = 0;
  /** Where the last frame starts while it is a data frame, else -1. */
  #openFrame = -1;
  #openStreamId = 0;

  /** `maxFrameBytes`: largest payload of one data frame. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Everything written; the caller owns the bytes. */
  take(): Uint8Array | undefined {
    if (this.#end === this.#start) return undefined;
    const taken = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#openFrame = -1;
    if (this.#bytes.length > BUFFER_BYTES) this.#giveUpBuffer();
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
      this.#bytes.set(at === 0 && size === bytes.length ? bytes : bytes.subarray(at, at + size), this.#end);
      this.#end += size;
      this.#setUint32(this.#openFrame + 8, this.#end - this.#openFrame - HEADER_BYTES);
      at += size;
    }
  }

  /** Makes sure that the last frame is one of `streamId` with room; answers how many bytes it takes. */
  #openFor(streamId: number, wanted: number): number {
    const used = this.#openFrame < 0 ? 0 : this.#end - this.#openFrame - HEADER_BYTES;
    if (this.#openFrame >= 0 && this.#openStreamId === streamId && used < this.#maxFrameBytes) {
      return Math.min(wanted, this.#maxFrameBytes - used);
    }
    this.#reserve(HEADER_BYTES);
    this.#openFrame = this.#end;
    this.#openStreamId = streamId;
    this.#header(FRAME_TYPE.DATA, 0, streamId, 0);
    return Math.min(wanted, this.#maxFrameBytes);
  }

  #header(type: number, flags: number, streamId: number, length: number): void {
    const at = this.#end;
    this.#bytes[at] = YAMUX_VERSION;
    this.#bytes[at + 1] = type;
    this.#bytes[at + 2] = flags >>> 8;
    this.#bytes[at + 3] = flags;
    this.#setUint32(at + 4, streamId);
    this.#setUint32(at + 8, length);
    this.#end = at + HEADER_BYTES;
  }

  #setUint32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }

  #giveUpBuffer(): void {
    this.#bytes = NONE;
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes room; what was not taken moves to the front of a new buffer where the rest of this one is too small. */
  #reserve(extra: number): void {
    if (this.#end + extra <= this.#bytes.length) return;
    const held = this.#bytes.subarray(this.#start, this.#end);
    const needed = held.length + extra;
    this.#bytes = new Uint8Array(Math.max(BUFFER_BYTES, needed * 2));
    this.#bytes.set(held);
    if (this.#openFrame >= 0) this.#openFrame -= this.#start;
    this.#start = 0;
    this.#end = held.length;
  }
}
