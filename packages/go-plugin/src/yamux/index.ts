/** yamux for JavaScript: many streams on one connection, without the connection. */
export {
  FLAG,
  FRAME_TYPE,
  type FrameHeader,
  GO_AWAY_CODE,
  HEADER_BYTES,
  INITIAL_WINDOW_BYTES,
} from './frame.ts';
export { FrameReader, type FrameSink } from './frame-reader.ts';
export { nextStreamState, type StreamState, type StreamStep, TRANSITIONS } from './stream-state.ts';
export type { YamuxEvent } from './yamux-event.ts';
export { DEFAULT_YAMUX_LIMITS, type YamuxLimits } from './yamux-limits.ts';
export { type YamuxOpenResult, YamuxSession, type YamuxSessionOptions } from './yamux-session.ts';
