/** How a call ended, read from the headers and trailers of its response. */
import { GRPC_STATUS, GrpcStatusError } from './grpc-status.ts';
import { decodePercentText } from './percent-text.ts';

/** Header fields as an HTTP/2 library hands them out. */
export type HeaderFields = Readonly<Record<string, unknown>>;

/** gRPC's reading of HTTP status codes that come without a gRPC status (grpc/grpc doc/http-grpc-status-mapping.md). */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: GRPC_STATUS.INTERNAL,
  401: GRPC_STATUS.UNAUTHENTICATED,
  403: GRPC_STATUS.PERMISSION_DENIED,
  404: GRPC_STATUS.UNIMPLEMENTED,
  429: GRPC_STATUS.UNAVAILABLE,
  502: GRPC_STATUS.UNAVAILABLE,
  503: GRPC_STATUS.UNAVAILABLE,
  504: GRPC_STATUS.UNAVAILABLE,
};

/** RST_STREAM code of a call that was not begun: the peer is going away, or has too many (RFC 9113 §8.7). */
const REFUSED_STREAM = 7;

/** gRPC's reading of RST_STREAM codes (gRPC over HTTP/2, Errors). */
const STATUS_OF_RESET: Readonly<Record<number, number>> = {
  [REFUSED_STREAM]: GRPC_STATUS.UNAVAILABLE,
  8: GRPC_STATUS.CANCELLED,
  11: GRPC_STATUS.RESOURCE_EXHAUSTED,
  12: GRPC_STATUS.PERMISSION_DENIED,
};

/**
 * The status in a header block: undefined for OK. Trailers hold it, or the headers themselves when the
 * response has no messages (trailers-only).
 */
export function readStatus(fields: HeaderFields): GrpcStatusError | undefined {
  const status = fields['grpc-status'];
  if (status === '0') return undefined;
  if (typeof status !== 'string' || !/^\d{1,9}$/.test(status)) {
    return new GrpcStatusError(GRPC_STATUS.UNKNOWN, 'the response ended without a gRPC status');
  }
  const message = fields['grpc-message'];
  return new GrpcStatusError(Number(status), typeof message === 'string' ? decodePercentText(message) : '');
}

/** Why a response cannot be one of gRPC; undefined when it can. */
export function refuseResponse(headers: HeaderFields): GrpcStatusError | undefined {
  const httpStatus = Number(headers[':status']);
  if (httpStatus !== 200) {
    const status = STATUS_OF_HTTP[httpStatus] ?? GRPC_STATUS.UNKNOWN;
    return new GrpcStatusError(status, `the response has HTTP status ${httpStatus}`);
  }
  const contentType = headers['content-type'];
  if (typeof contentType === 'string' && isGrpcContentType(contentType)) return undefined;
  return new GrpcStatusError(GRPC_STATUS.UNKNOWN, 'the response is not gRPC by its content type');
}

/** A call whose stream was reset by the peer. */
export function statusOfReset(code: number): GrpcStatusError {
  const status = STATUS_OF_RESET[code] ?? GRPC_STATUS.INTERNAL;
  const isUnprocessed = code === REFUSED_STREAM;
  return new GrpcStatusError(status, `the stream was reset with HTTP/2 code ${code}`, { isUnprocessed });
}

/** `application/grpc`, with what kind of messages behind `+`, or a parameter. */
export function isGrpcContentType(contentType: string): boolean {
  return /^application\/grpc(?:$|[+;])/i.test(contentType);
}
