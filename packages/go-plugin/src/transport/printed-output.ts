/** What a gRPC plugin prints, read from its stdio stream for as long as it has one (go-plugin grpc_stdio.go). */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Clock } from '../clock.ts';
import { EMPTY_MESSAGE } from '../grpc/controller.ts';
import { frameMessage } from '../grpc/message-frame.ts';
import { MessageReader } from '../grpc/message-reader.ts';
import { decodeStdioData, STREAM_STDIO_PATH } from '../grpc/stdio.ts';
import { Pace } from '../pace.ts';
import { CANCEL, headersOf } from './http2-session.ts';

/** go-plugin sends 1 KiB a message; other libraries may send what their pipes give. */
const MAX_MESSAGE_BYTES = 4_194_304;

/** Far more than anybody logs; a plugin that prints without end is to wait, not to keep its host busy. */
const PACE = { perSecond: 16 * 1024 * 1024, burst: 1024 * 1024 };

export interface PrintedOutputOptions {
  readonly session: ClientHttp2Session;
  readonly isTls: boolean;
  readonly clock: Clock;
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
}

/**
 * Opens the stream and reads it until it ends. A Go plugin whose output nobody reads stands still once its
 * pipe is full. A plugin without this service is one that prints nothing: however the stream ends, the
 * connection goes on. When the plugin says that it is going away the stream is given up, since it would hold
 * the connection open.
 */
export function readPrintedOutput(options: PrintedOutputOptions): void {
  const headers = headersOf(STREAM_STDIO_PATH, options.isTls);
  const stream = options.session.request(headers, { endStream: false });
  const reader = new MessageReader(MAX_MESSAGE_BYTES);
  stream.on('error', () => undefined);
  const pace = new Pace(PACE);
  stream.on('data', (bytes: Uint8Array) => {
    read(stream, () => take(reader, bytes, options));
    keepPace(stream, pace.spend(bytes.length, options.clock.now()), options.clock);
  });
  options.session.once('goaway', () => stream.close(CANCEL));
  stream.end(frameMessage(EMPTY_MESSAGE));
}

/** Beyond the pace nothing is read for a while, and the plugin's window fills. */
function keepPace(stream: ClientHttp2Stream, waitMs: number, clock: Clock): void {
  if (waitMs === 0 || stream.isPaused()) return;
  stream.pause();
  const cancel = clock.schedule(waitMs, () => {
    stream.off('close', cancel);
    stream.resume();
  });
  stream.once('close', cancel);
}

/** What is no stdio stream is given up. */
function read(stream: ClientHttp2Stream, take: () => void): void {
  try {
    take();
  } catch {
    stream.removeAllListeners('data');
    stream.close(CANCEL);
  }
}

function take(reader: MessageReader, bytes: Uint8Array, options: PrintedOutputOptions): void {
  try {
    reader.push(bytes);
  } finally {
    // What is broken does not take away what came before it.
    drain(reader, options);
  }
}

function drain(reader: MessageReader, options: PrintedOutputOptions): void {
  for (let message = reader.next(); message !== undefined; message = reader.next()) {
    const { channel, data } = decodeStdioData(message);
    if (channel === 'stdout') options.onStdout(data);
    else if (channel === 'stderr') options.onStderr(data);
  }
}
