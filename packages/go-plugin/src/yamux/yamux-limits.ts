/** Bounds and times of one session; the defaults are hashicorp/yamux's (mux.go, DefaultConfig) where it has one. */
export interface YamuxLimits {
  /** Streams opened by the peer that wait for `accept`, and streams opened by us that wait for its ACK. */
  readonly acceptBacklog: number;
  /** Streams of the peer alive at once; more are reset. yamux has no such bound. */
  readonly maxStreams: number;
  /** Largest payload of a data frame we send. */
  readonly maxFrameBytes: number;
  /** Bytes that may wait on one stream for window; `send` refuses more. */
  readonly maxSendQueueBytes: number;
  /**
   * Bytes of output that may wait to be taken. Data stops at half of it and goes on waiting in its
   * stream; answers the peer demands (pongs, resets) may use all of it, then the session ends.
   */
  readonly maxOutputBytes: number;
  /**
   * Frames without data (pings, updates, openings) the peer may send within a second; more end the session.
   * yamux has no such bound: each costs the peer twelve bytes and us an answer.
   */
  readonly maxControlFramesPerSecond: number;
  /** Milliseconds between our pings. */
  readonly keepaliveIntervalMs: number;
  /** Milliseconds for the answer to a ping (ConnectionWriteTimeout). */
  readonly pingTimeoutMs: number;
  /** Milliseconds for the ACK of a stream we opened (StreamOpenTimeout); the session ends after it. */
  readonly openTimeoutMs: number;
  /** Milliseconds for the peer's FIN after ours (StreamCloseTimeout); the stream is reset after it. */
  readonly halfCloseTimeoutMs: number;
}

export const DEFAULT_YAMUX_LIMITS: YamuxLimits = {
  acceptBacklog: 256,
  maxStreams: 1024,
  maxFrameBytes: 65_536,
  maxSendQueueBytes: 16_777_216,
  maxOutputBytes: 1_048_576,
  maxControlFramesPerSecond: 10_000,
  keepaliveIntervalMs: 30_000,
  pingTimeoutMs: 10_000,
  openTimeoutMs: 75_000,
  halfCloseTimeoutMs: 300_000,
};
