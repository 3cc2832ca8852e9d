import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type Frame, parseFrames } from './frames.ts';

/** A socket that keeps what went through it, and lets a test say something in the peer's name. */
export class TappedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #sent: Buffer[] = [];
  readonly #received: Buffer[] = [];

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received.push(bytes);
      this.push(bytes);
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Every byte we sent. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** Every byte the peer sent. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Whole frames we sent. */
  get sentFrames(): readonly Frame[] {
    return parseFrames(this.sent);
  }

  /** Whole frames the peer sent. */
  get receivedFrames(): readonly Frame[] {
    return parseFrames(this.received);
  }

  /** Has our side hear bytes the peer did not send. */
  inject(bytes: Uint8Array): void {
    this.push(bytes);
  }

  override _read(): void {
    // The socket flows by itself; what it brings waits here.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sent.push(Buffer.from(chunk));
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
