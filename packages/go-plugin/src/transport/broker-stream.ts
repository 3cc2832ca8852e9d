/** ConnInfo messages on an HTTP/2 stream of either side. */
import type { Http2Stream } from 'node:http2';
import { type ConnInfo, decodeConnInfo, encodeConnInfo } from '../grpc/conn-info.ts';
import { frameMessage } from '../grpc/message-frame.ts';
import { MessageReader } from '../grpc/message-reader.ts';
import { CANCEL } from './http2-session.ts';

/** An address and an error text fit in many times. */
const MAX_MESSAGE_BYTES = 65_536;

/** Hands on what the peer says; what is no ConnInfo ends the stream. */
export function readConnInfos(stream: Http2Stream, receive: (info: ConnInfo) => void): void {
  const reader = new MessageReader(MAX_MESSAGE_BYTES);
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Uint8Array) => {
    try {
      reader.push(bytes);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        receive(decodeConnInfo(message));
      }
    } catch {
      stream.close(CANCEL);
    }
  });
}

/** Without effect when the stream is over. */
export function writeConnInfo(stream: Http2Stream, info: ConnInfo): void {
  if (!stream.destroyed && !stream.writableEnded) stream.write(frameMessage(encodeConnInfo(info)));
}
