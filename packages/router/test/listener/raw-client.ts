import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An SMTP client that says exactly what a test tells it to, and reads replies one at a time. */
export class RawClient<Stream extends Duplex = Socket> {
  readonly stream: Stream;
  #received = '';
  #isEnded: boolean = false;
  #wake: () => void = () => {};

  constructor(stream: Stream) {
    this.stream = stream;
    stream.on('data', (chunk: Uint8Array) => {
      this.#received += Buffer.from(chunk).toString('latin1');
      this.#wake();
    });
    stream.on('error', () => {});
    for (const event of ['end', 'close']) {
      stream.on(event, () => {
        this.#isEnded = true;
        this.#wake();
      });
    }
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Lines joined by CRLF, with one at the end. */
  say(...lines: readonly string[]): void {
    this.stream.write(`${lines.join('\r\n')}\r\n`);
  }

  /** One reply, its lines joined by '|'; '' when the peer has closed. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r]*\r\n)*\d{3} [^\r]*\r\n/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return match[0].trimEnd().replaceAll('\r\n', '|');
      }
      if (this.#isEnded) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The code of the next replies. */
  async codes(count: number): Promise<readonly string[]> {
    const codes: string[] = [];
    while (codes.length < count) codes.push((await this.reply()).slice(0, 3));
    return codes;
  }

  /** Says one line and answers the code of the reply. */
  async ask(line: string): Promise<string> {
    this.say(line);
    return (await this.reply()).slice(0, 3);
  }

  /** Everything up to the end of the stream, as text. */
  async rest(): Promise<string> {
    while (!this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received;
  }
}
