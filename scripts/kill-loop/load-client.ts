import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  readonly port: number;
  /** Of its message ids. */
  readonly prefix: string;
  readonly sent: Set<string>;
  readonly answered: Set<string>;
  readonly random: () => number;
}

/** Sends one message after the other over one connection, until the router is gone. */
export class LoadClient {
  /** From MAIL to the final reply. */
  isInTransaction = false;
  readonly #options: LoadOptions;
  readonly #socket: Socket;
  #received = '';
  #isEnded: boolean = false;
  #wake: () => void = () => {};

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#socket = connect({ host: '127.0.0.1', port: options.port });
    this.#socket.setEncoding('latin1');
    this.#socket.on('error', () => {});
    this.#socket.on('data', (piece: string) => {
      this.#received += piece;
      this.#wake();
    });
    this.#socket.on('close', () => {
      this.#isEnded = true;
      this.#wake();
    });
  }

  stop(): void {
    this.#socket.destroy();
  }

  async run(): Promise<void> {
    await this.#reply();
    await this.#say('EHLO load');
    for (let number = 1; !this.#isEnded; number += 1) await this.#send(`${this.#options.prefix}-${number}`);
  }

  async #send(id: string): Promise<void> {
    const { sent, answered, random } = this.#options;
    this.isInTransaction = true;
    await this.#say('MAIL FROM:<a@example.com>');
    await this.#say(`RCPT TO:<b${Math.floor(random() * 10)}@example.org>`);
    if ((await this.#say('DATA')).startsWith('354')) {
      sent.add(id);
      const filling = random() < 0.1 ? '0123456789\r\n'.repeat(8_000) : 'hello\r\n';
      if ((await this.#say(`Subject: ${id}\r\n\r\n${filling}.`)).startsWith('250')) answered.add(id);
    }
    this.isInTransaction = false;
  }

  #say(line: string): Promise<string> {
    if (!this.#isEnded) this.#socket.write(`${line}\r\n`, 'latin1');
    return this.#reply();
  }

  async #reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return match[0];
      }
      if (this.#isEnded) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
