/** A sender for tests, on plain sockets and independent of our own engines. */
import { connect, type Socket } from 'node:net';

export interface MailLogin {
  readonly user: string;
  readonly password: string;
}

export interface TestMail {
  readonly from?: string;
  readonly to?: readonly string[];
  /** Without dot-stuffing; CRLF line ends. */
  readonly content?: string;
}

/** One session; every method answers the whole reply, lines joined by LF. */
export class MailClient {
  readonly #socket: Socket;
  #received = '';
  #isEnded: boolean = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (piece: string) => {
      this.#received += piece;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#isEnded = true;
      this.#wake?.();
    });
  }

  /** Connected, greeted, EHLO said, logged in; `first` goes in front of everything, as a balancer's header does. */
  static async open(address: string, login?: MailLogin, first = ''): Promise<MailClient> {
    const [host = '', port = ''] = address.split(':');
    const client = new MailClient(connect({ host, port: Number(port) }));
    if (first !== '') client.#socket.write(first, 'latin1');
    await client.reply();
    await client.say('EHLO client.example');
    if (login !== undefined) {
      const blob = Buffer.from(`\0${login.user}\0${login.password}`).toString('base64');
      const answer = await client.say(`AUTH PLAIN ${blob}`);
      if (!answer.startsWith('235')) throw new Error(`login refused: ${answer}`);
    }
    return client;
  }

  say(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`, 'latin1');
    return this.reply();
  }

  /** The next complete reply; '' when the connection ended first. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return match[0].trimEnd().replaceAll('\r\n', '\n');
      }
      if (this.#isEnded) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The final reply to a mail, or the first refusal on the way. */
  async send(mail: TestMail = {}): Promise<string> {
    const {
      from = 'a@example.com',
      to = ['b@example.org'],
      content = 'Subject: test\r\n\r\nhello\r\n',
    } = mail;
    const recipients = to.map((address) => `RCPT TO:<${address}>`);
    for (const command of [`MAIL FROM:<${from}>`, ...recipients, 'DATA']) {
      const answer = await this.say(command);
      if (!/^[23]/.test(answer)) return answer;
    }
    return this.say(`${content.replaceAll(/^\./gm, '..')}.`);
  }

  async quit(): Promise<void> {
    await this.say('QUIT');
    this.#socket.destroy();
  }

  drop(): void {
    this.#socket.destroy();
  }
}
