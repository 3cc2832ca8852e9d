/** What a plugin prints, over gRPC (go-plugin grpc_stdio.go): `StreamStdio(Empty) → stream StdioData`. */
import { readProto } from './proto-reader.ts';

export const STREAM_STDIO_PATH = '/plugin.GRPCStdio/StreamStdio';

/** Largest piece of output in one message (go-plugin grpc_stdio.go, stdioBuffer). */
export const STDIO_PIECE_BYTES = 1024;

/** StdioData: `1 channel enum, 2 data bytes`. */
export interface StdioData {
  /** Undefined for a channel this side does not know. */
  readonly channel: 'stdout' | 'stderr' | undefined;
  readonly data: Uint8Array;
}

const CHANNELS = { stdout: 1, stderr: 2 } as const;

/** Written without a `ProtoWriter`: a plugin that prints much prints by this. */
export function encodeStdioData(channel: 'stdout' | 'stderr', data: Uint8Array): Uint8Array {
  const isLong = data.length > 0x7f;
  const head = isLong
    ? [0x08, CHANNELS[channel], 0x12, (data.length & 0x7f) | 0x80, data.length >>> 7]
    : [0x08, CHANNELS[channel], 0x12, data.length];
  const message = new Uint8Array(head.length + data.length);
  message.set(head);
  message.set(data, head.length);
  return message;
}

/** @throws PluginError `GRPC_MALFORMED` */
export function decodeStdioData(message: Uint8Array): StdioData {
  let channel: StdioData['channel'];
  let data: Uint8Array = message.subarray(0, 0);
  readProto(message, ({ number, value, bytes }) => {
    if (number === 1) channel = value === 1 ? 'stdout' : value === 2 ? 'stderr' : undefined;
    else if (number === 2) data = bytes;
  });
  return { channel, data };
}
