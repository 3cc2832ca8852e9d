/** yamux frames as a test writes and reads them, apart from the engine under test. */

/** One frame; `value` is the length field: bytes of data, a window delta, a ping's value, a reason. */
export interface Frame {
  readonly version: number;
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly value: number;
  readonly payload: Buffer;
}

export const DATA = 0;
export const WINDOW = 1;
export const PING = 2;
export const GO_AWAY = 3;

export const SYN = 1;
export const ACK = 2;
export const FIN = 4;
export const RST = 8;

const HEADER_BYTES = 12;

/** What a test says of a frame; all else is zero. */
export interface FrameParts {
  readonly version?: number;
  readonly type: number;
  readonly flags?: number;
  readonly streamId?: number;
  readonly value?: number;
  readonly payload?: Uint8Array;
}

/** The bytes of a frame; a payload gives its length unless another value is told. */
export function frame(parts: FrameParts): Buffer {
  const { version = 0, type, flags = 0, streamId = 0, payload = new Uint8Array(0) } = parts;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(version, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(streamId, 4);
  header.writeUInt32BE(parts.value ?? payload.length, 8);
  return Buffer.concat([header, payload]);
}

/** The whole frames at the start of a byte stream. */
export function parseFrames(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const type = bytes.readUInt8(at + 1);
    const value = bytes.readUInt32BE(at + 8);
    const end = at + HEADER_BYTES + (type === DATA ? value : 0);
    if (end > bytes.length) break;
    frames.push({
      version: bytes.readUInt8(at),
      type,
      flags: bytes.readUInt16BE(at + 2),
      streamId: bytes.readUInt32BE(at + 4),
      value,
      payload: bytes.subarray(at + HEADER_BYTES, end),
    });
    at = end;
  }
  return frames;
}

/** Frames of one stream with all of the flags. */
export function withFlags(frames: readonly Frame[], streamId: number, flags: number): readonly Frame[] {
  return frames.filter((each) => each.streamId === streamId && (each.flags & flags) === flags);
}
