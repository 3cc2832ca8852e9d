/**
 * A client that says what it is told, as it is told: for envelopes and contents that no library lets through.
 */
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from './scratch.ts';

const REPLY_MS = 30_000;

/** A connection to 127.0.0.1 that has said EHLO as client.example.com and logged in. */
export class RawClient {
  readonly #socket: Socket;
  #unread = '';
  /** Called whenever more has come or the connection is closed. */
  #changed: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // What breaks the connection shows as a reply that does not come.
    socket.setTimeout(REPLY_MS, () => socket.destroy()).on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#unread += text;
      this.#changed();
    });
    socket.on('close', () => this.#changed());
  }

  /** Closed after the test. */
  static async login(t: TestContext, port: number, user: string, password: string): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    atEnd(t, () => socket.destroy());
    const client = new RawClient(socket);
    await client.#expect('220');
    await client.say('EHLO client.example.com', '250');
    const login = Buffer.from(`\0${user}\0${password}`).toString('base64');
    await client.say(`AUTH PLAIN ${login}`, '235');
    return client;
  }

  /** Sends a line in UTF-8; rejects unless the reply has the code. */
  async say(line: string, code: string): Promise<void> {
    this.#socket.write(`${line}\r\n`);
    await this.#expect(code, line);
  }

  /** Sends content, which ends in CRLF or is empty, with its dots doubled, and the final dot. */
  async content(content: Buffer): Promise<void> {
    await this.say('DATA', '354');
    const stuffed = content.toString('latin1').replaceAll(/(^|\r\n)\./g, '$1..');
    this.#socket.write(Buffer.from(`${stuffed}.\r\n`, 'latin1'));
    await this.#expect('250', 'the final dot');
  }

  async #expect(code: string, after = 'connecting'): Promise<void> {
    for (;;) {
      const reply = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(this.#unread);
      if (reply !== null) {
        this.#unread = this.#unread.slice(reply[0].length);
        if (reply[1] === code) return;
        throw new Error(`after ${after.slice(0, 200)}: ${reply[0]}`);
      }
      if (this.#socket.destroyed) throw new Error(`no reply after ${after.slice(0, 200)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
