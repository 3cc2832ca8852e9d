/** What one gRPC connection may cost. */
export interface GrpcLimits {
  /** Largest message accepted, in bytes. grpc-go's default is 4 MiB; a go-plugin host has none. */
  readonly maxMessageBytes: number;
  /** Bytes of messages that are not whole yet, over all calls of a connection; more fails the call that goes beyond. */
  readonly maxWaitingBytes: number;
  /** Calls made at a time; further ones wait in a line. Bursts on more streams break Node's HTTP/2 sessions. */
  readonly maxCallsInFlight: number;
  /** Calls served at a time, told to the peer, which keeps further ones to itself. */
  readonly maxPendingRequests: number;
  /** Milliseconds for the peer's part in each exchange of the broker (go-plugin grpc_broker.go: 5 s). */
  readonly brokerTimeoutMs: number;
}

/** For a host. */
export const DEFAULT_GRPC_LIMITS: GrpcLimits = {
  maxMessageBytes: 16_777_216,
  maxWaitingBytes: 67_108_864,
  maxCallsInFlight: 512,
  maxPendingRequests: 1024,
  brokerTimeoutMs: 5000,
};

/** A plugin trusts the host that started it with more. */
export const DEFAULT_GRPC_SERVE_LIMITS: GrpcLimits = {
  ...DEFAULT_GRPC_LIMITS,
  maxMessageBytes: 67_108_864,
  maxWaitingBytes: 268_435_456,
};
