/** HTTP/2 sessions of Node as gRPC needs them, on streams that are connected already. */
import {
  type ClientHttp2Session,
  connect,
  type Http2Session,
  performServerHandshake,
  type ServerHttp2Session,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { PluginError } from '../errors.ts';
import type { GrpcLimits } from './grpc-limits.ts';

/** Bytes a peer may send on a stream before it hears of it: large messages at full speed. */
const STREAM_WINDOW_BYTES = 1_048_576;

/** The same for all streams together. */
const SESSION_WINDOW_BYTES = 16_777_216;

/** In millions of bytes. Node's own 10 break bursts of calls that are far below every limit of ours. */
const MAX_SESSION_MEMORY_MB = 256;

/** RST_STREAM code of a call that nobody waits for (RFC 9113 §7). */
export const CANCEL = 8;

/** What is sent as `:authority`; Go plugins accept any name (grpc-go sends it under mutual TLS). */
export const AUTHORITY = 'localhost';

/** The caller's end. A failure shows in the session's `close`. */
export function openHttp2(stream: Duplex): ClientHttp2Session {
  const session = connect(`http://${AUTHORITY}`, {
    createConnection: () => stream,
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
  });
  return prepared(session, stream);
}

/** The served end. */
export function acceptHttp2(stream: Duplex, limits: GrpcLimits): ServerHttp2Session {
  const session = performServerHandshake(stream, {
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    settings: {
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams: limits.maxPendingRequests,
    },
  });
  return prepared(session, stream);
}

function prepared<Session extends Http2Session>(session: Session, stream: Duplex): Session {
  // Told once more by 'close', which everybody listens to.
  session.on('error', () => undefined);
  stream.on('error', () => undefined);
  // A session does not always notice that what it runs on is gone.
  stream.once('close', () => session.destroy());
  const widen = (): void => session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  if (session.connecting) session.once('connect', widen);
  else widen();
  return session;
}

/** Settles once, when the session is over: with the cause, or undefined when nothing was wrong. Never rejects. */
export function endOf(session: Http2Session): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  let cause: Error | undefined;
  session.on('error', (error) => {
    cause ??= error;
  });
  session.on('goaway', (code) => {
    if (code !== 0) cause ??= new Error(`the peer went away with HTTP/2 code ${code}`);
  });
  session.once('close', () => resolve(cause));
  return promise;
}

/** Of a call that has no deadline. */
export function headersOf(path: string, isTls: boolean): Readonly<Record<string, string>> {
  return {
    ':method': 'POST',
    ':scheme': isTls ? 'https' : 'http',
    ':authority': AUTHORITY,
    ':path': path,
    te: 'trailers',
    'content-type': 'application/grpc',
  };
}

/** A connection that is over, as an error for those who still want something of it. */
export function connectionLost(cause: Error | undefined): PluginError {
  const what = cause === undefined ? 'the peer closed it' : cause.message;
  return new PluginError('PLUGIN_CONNECTION_LOST', `The connection to the peer ended: ${what}.`, { cause });
}
