/** Answers on an HTTP/2 stream (gRPC over HTTP/2, Responses). */
import type { ServerHttp2Stream } from 'node:http2';
import { GRPC_STATUS, type GrpcStatusError } from '../grpc/grpc-status.ts';
import { encodePercentText } from '../grpc/percent-text.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' } as const;
const OK_TRAILERS = { 'grpc-status': String(GRPC_STATUS.OK) } as const;

/** Sends the headers; status OK follows whatever is written until the stream is ended. */
export function beginReply(stream: ServerHttp2Stream): void {
  stream.on('wantTrailers', () => stream.sendTrailers(OK_TRAILERS));
  stream.respond(HEADERS, { waitForTrailers: true });
}

/** Answers with a status alone (trailers-only). Without effect on a stream that is gone or was answered. */
export function endWithStatus(stream: ServerHttp2Stream, { status, message }: GrpcStatusError): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    { ...HEADERS, 'grpc-status': String(status), 'grpc-message': encodePercentText(message) },
    { endStream: true },
  );
}
