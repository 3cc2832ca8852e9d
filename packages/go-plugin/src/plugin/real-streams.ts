/**
 * The process's own stdout and stderr. Both `hold-stdout` and `redirectPrints` put another `write` on
 * the stream objects; the prototype's method still reaches the descriptor.
 */
import { Writable } from 'node:stream';

/** Writes to the real stdout; settles when the bytes are handed to the system. */
export function writeRealStdout(text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  Writable.prototype.write.call(process.stdout, text, 'utf8', (error) => (error ? reject(error) : resolve()));
  return promise;
}

/** Writes to the real stderr, which never blocks a plugin for long: its host drains it. */
export function writeRealStderr(text: string | Uint8Array): void {
  Writable.prototype.write.call(process.stderr, text, 'utf8');
}
