import type { GobLimits } from '../gob/gob-limits.ts';
import type { YamuxLimits } from '../yamux/yamux-limits.ts';

/** What one connection may cost. Every figure is per connection or per stream, never per process. */
export interface TransportLimits {
  /** Largest gob message accepted, in bytes: an argument or a reply. Go's own limit is 8 GiB. */
  readonly maxMessageBytes: number;
  /** Largest number of values one message may unfold to; see `GobLimits`. */
  readonly maxValues: number;
  /** Bytes that may wait on one stream for the peer to grant window; more fails the call. */
  readonly maxSendQueueBytes: number;
  /** Requests a served stream handles at once; the peer's further requests wait unread. */
  readonly maxPendingRequests: number;
  /** Milliseconds for the peer to open or acknowledge a brokered stream (go-plugin mux_broker.go: 5 s). */
  readonly brokerTimeoutMs: number;
}

/** For a host. */
export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = {
  maxMessageBytes: 1_048_576,
  maxValues: 1_048_576,
  maxSendQueueBytes: 16_777_216,
  maxPendingRequests: 1024,
  brokerTimeoutMs: 5000,
};

/** A plugin trusts the host that started it with more, as a Go plugin does. */
export const DEFAULT_SERVE_LIMITS: TransportLimits = {
  ...DEFAULT_TRANSPORT_LIMITS,
  maxMessageBytes: 67_108_864,
  maxValues: 16_777_216,
  maxSendQueueBytes: 134_217_728,
};

export function gobLimitsOf({ maxMessageBytes, maxValues }: TransportLimits): Partial<GobLimits> {
  return { maxMessageBytes, maxValues };
}

export function yamuxLimitsOf({ maxSendQueueBytes }: TransportLimits): Partial<YamuxLimits> {
  return { maxSendQueueBytes };
}
