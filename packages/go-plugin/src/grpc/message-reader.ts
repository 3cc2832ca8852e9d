import { PluginError } from '../errors.ts';
import { PREFIX_BYTES } from './message-frame.ts';

/**
 * Cuts the DATA of one HTTP/2 stream into messages. Frames and messages know nothing of each other: a
 * message may come in many pieces, a piece may hold many messages.
 *
 * A length is compared with the limit before anything of its message is kept, and what is kept never exceeds
 * what was received.
 */
export class MessageReader {
  readonly #maxMessageBytes: number;
  readonly #messages: Uint8Array[] = [];
  /** Bytes of the prefix read so far, at most `PREFIX_BYTES`. */
  #prefixLength = 0;
  /** The length in the prefix, as far as it was read; the message's own once the prefix is whole. */
  #messageLength = 0;
  #parts: Uint8Array[] = [];
  /** Sum of the lengths of `#parts`. */
  #partBytes = 0;

  /** `maxMessageBytes`: grpc-go takes 4 MiB unless told otherwise, a go-plugin host 2 GiB. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Bytes of a message that is not whole yet. */
  get waitingBytes(): number {
    return this.#partBytes;
  }

  /** True when the stream may end here. */
  get isBetweenMessages(): boolean {
    return this.#prefixLength === 0;
  }

  /**
   * Takes received bytes and keeps views of them.
   *
   * @throws PluginError `GRPC_MALFORMED`, `GRPC_MESSAGE_TOO_LONG`; the stream is of no use afterwards
   */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      at = this.#prefixLength < PREFIX_BYTES ? this.#readPrefix(bytes, at) : this.#readBody(bytes, at);
    }
  }

  /** The next message that is whole. */
  next(): Uint8Array | undefined {
    return this.#messages.shift();
  }

  #readPrefix(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#prefixLength < PREFIX_BYTES) {
      const byte = bytes[at] ?? 0;
      if (this.#prefixLength === 0) checkFlag(byte);
      else this.#messageLength = this.#messageLength * 256 + byte;
      this.#prefixLength += 1;
      at += 1;
    }
    if (this.#prefixLength < PREFIX_BYTES) return at;
    if (this.#messageLength > this.#maxMessageBytes) {
      throw new PluginError(
        'GRPC_MESSAGE_TOO_LONG',
        `A message of ${this.#messageLength} bytes was announced, ${this.#maxMessageBytes} are accepted.`,
      );
    }
    if (this.#messageLength === 0) this.#finish(new Uint8Array(0));
    return at;
  }

  #readBody(bytes: Uint8Array, at: number): number {
    const missing = this.#messageLength - this.#partBytes;
    const part = bytes.subarray(at, at + missing);
    if (part.length === this.#messageLength) {
      this.#finish(part);
    } else {
      this.#parts.push(part);
      this.#partBytes += part.length;
      if (this.#partBytes === this.#messageLength) this.#finish(join(this.#parts, this.#partBytes));
    }
    return at + part.length;
  }

  #finish(message: Uint8Array): void {
    this.#messages.push(message);
    this.#prefixLength = 0;
    this.#messageLength = 0;
    this.#parts = [];
    this.#partBytes = 0;
  }
}

function checkFlag(flag: number): void {
  if (flag === 0) return;
  throw new PluginError(
    'GRPC_MALFORMED',
    flag === 1 ? 'A compressed message came, which was not asked for.' : `A message begins with ${flag}.`,
  );
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
