/** The status codes of gRPC (grpc/grpc doc/statuscodes.md) that this package tells apart. */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A call that ended with another status than OK: thrown by handlers, and the `cause` of `PLUGIN_CALL_FAILED`. */
export class GrpcStatusError extends Error {
  override readonly name: string = 'GrpcStatusError';
  /** One of `GRPC_STATUS`, or a number a peer made up. */
  readonly status: number;
  /** True when the peer is certain not to have begun the call, so that it may be made again (RFC 9113 §8.7). */
  readonly isUnprocessed: boolean;

  constructor(status: number, message: string, options: { readonly isUnprocessed?: boolean } = {}) {
    super(message);
    this.status = status;
    this.isUnprocessed = options.isUnprocessed === true;
  }
}
