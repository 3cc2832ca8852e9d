/** What a handler may know of the call it answers. */
export interface GrpcCall {
  /** Aborted when the caller gave the call up, its deadline passed, or its connection is gone. */
  readonly signal: AbortSignal;
  /** What the caller gives the call, in milliseconds (`grpc-timeout`); undefined when it said nothing. */
  readonly timeoutMs: number | undefined;
}

/**
 * Answers one unary call: an encoded message in, an encoded message out; several may be under way at once.
 * A rejection becomes the call's status: that of a `GrpcStatusError`, else UNKNOWN with its message, as in Go.
 */
export type GrpcMethod = (request: Uint8Array, call: GrpcCall) => Uint8Array | Promise<Uint8Array>;

/** A served service (grpc-go, ServiceDesc). */
export interface GrpcService {
  /** With its package: `smtp_router.selector.v2.Selector`. */
  readonly name: string;
  /** By name without the service's. */
  readonly methods: Readonly<Record<string, GrpcMethod>>;
}
