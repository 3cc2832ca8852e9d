import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { frameMessage } from '../grpc/message-frame.ts';
import { encodeStdioData, STDIO_PIECE_BYTES } from '../grpc/stdio.ts';
import { beginReply } from './grpc-reply.ts';

/**
 * Brings what the process prints to a stream of GRPCStdio, only as fast as the host reads. Ends with the
 * stream; the sources' iterators are then returned.
 */
export function writeStdio(
  stream: ServerHttp2Stream,
  sources: { readonly stdout: AsyncIterable<Uint8Array>; readonly stderr: AsyncIterable<Uint8Array> },
): void {
  beginReply(stream);
  stream.resume();
  const gone = new AbortController();
  stream.once('close', () => gone.abort());
  for (const channel of ['stdout', 'stderr'] as const) {
    void copy(sources[channel], { stream, channel, gone: gone.signal });
  }
}

interface Target {
  readonly stream: ServerHttp2Stream;
  readonly channel: 'stdout' | 'stderr';
  /** Aborted when the stream is gone. */
  readonly gone: AbortSignal;
}

async function copy(source: AsyncIterable<Uint8Array>, { stream, channel, gone }: Target): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  // Not awaited: a source answers only when its next piece comes.
  gone.addEventListener('abort', () => void iterator.return?.().catch(() => undefined), { once: true });
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (gone.aborted) return;
      if (!stream.write(encodePieces(channel, next.value))) await once(stream, 'drain', { signal: gone });
    }
  } catch {
    // Either the source failed or the stream is gone: no more output reaches the host, calls go on.
  }
}

function encodePieces(channel: 'stdout' | 'stderr', bytes: Uint8Array): Uint8Array {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += STDIO_PIECE_BYTES) {
    messages.push(frameMessage(encodeStdioData(channel, bytes.subarray(at, at + STDIO_PIECE_BYTES))));
  }
  return Buffer.concat(messages);
}
