import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type Frame, parseFrames } from './frames.ts';

/** Bytes as they went through a tapped socket. */
export interface Passage {
  readonly from: 'us' | 'peer';
  readonly bytes: Buffer;
}

/** A socket that keeps what went through it, and lets a test say something in the name of either side. */
export class TappedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #passages: Passage[] = [];
  /** Changes what our side hears. */
  alter: (bytes: Buffer) => Buffer = (bytes) => bytes;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#passages.push({ from: 'peer', bytes });
      this.push(this.alter(bytes));
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Everything both sides said, in order. */
  get passages(): readonly Passage[] {
    return this.#passages;
  }

  /** Whole frames one side sent. */
  frames(from: Passage['from']): readonly Frame[] {
    const own = this.#passages.filter((passage) => passage.from === from);
    return parseFrames(Buffer.concat(own.map(({ bytes }) => bytes)));
  }

  /** Has the peer hear bytes our side did not send. */
  say(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Has our side hear bytes the peer did not send. */
  inject(bytes: Uint8Array): void {
    this.push(bytes);
  }

  override _read(): void {
    // The socket flows by itself; what it brings waits here.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#passages.push({ from: 'us', bytes: Buffer.from(chunk) });
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
