/** Takes what the program writes to a standard stream. */
export type PrintSink = (bytes: Uint8Array) => void;

type WriteCallback = (error?: Error | null) => void;

/** Puts `sink` in the place of the stream's `write`, for `console` as for direct writes. */
export function redirectWrite(stream: NodeJS.WriteStream, sink: PrintSink): void {
  stream.write = (
    chunk: Uint8Array | string,
    encodingOrCallback?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean => {
    const encoding = typeof encodingOrCallback === 'string' ? encodingOrCallback : 'utf8';
    sink(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Uint8Array.from(chunk));
    const written = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
    if (written !== undefined) process.nextTick(written);
    return true;
  };
}
