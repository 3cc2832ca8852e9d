/**
 * The frame of yamux (hashicorp/yamux spec.md): a header of 12 bytes, big-endian,
 * `[version u8 = 0][type u8][flags u16][stream id u32][length u32]`, and, in data frames only, `length`
 * bytes. In the others the length field is a number: window granted, ping value, reason of going away.
 */

export const YAMUX_VERSION = 0;
export const HEADER_BYTES = 12;

export const FRAME_TYPE = { DATA: 0, WINDOW_UPDATE: 1, PING: 2, GO_AWAY: 3 } as const;

export const FLAG = { SYN: 1, ACK: 2, FIN: 4, RST: 8 } as const;

/** Reasons in a go-away frame. */
export const GO_AWAY_CODE = { NORMAL: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2 } as const;

/** Window of every stream and direction when it opens; there is none for the session as a whole. */
export const INITIAL_WINDOW_BYTES = 262_144;

/** Largest stream id, window, and length. */
export const MAX_UINT32 = 0xffff_ffff;

/** The fields of one header. */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly length: number;
}
