import { createConnection, type Socket } from 'node:net';

/** Who sends; the configuration of `hostile-router.ts` knows it. */
export const LOGIN = { user: 'app@load.test', password: 'secret' };

/** 800 kB. */
const LARGE_LINES = 10_000;

/** An SMTP client of a few lines, for sessions that are held open or send one mail. The caller closes it. */
export class PlainSession {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = '';
  #isGone: boolean = false;
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (piece: string) => {
      this.#received += piece;
      this.#wake?.();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isGone = true;
        this.#wake?.();
        resolve();
      });
    });
  }

  /** Everything written has left. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.socket.once('drain', resolve));
  }

  /** False once the router, or the test, has closed. */
  get isOpen(): boolean {
    return !this.#isGone;
  }

  /** The next whole reply; rejects when the connection ended first. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3} [^\r\n]*\r\n/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return match[0];
      }
      if (this.#isGone) throw new Error(`connection lost behind ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Says a line and expects a reply that begins so. */
  async ask(line: string, expected: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    const reply = await this.reply();
    if (!reply.startsWith(expected)) throw new Error(`${line.slice(0, 40)} was answered ${reply}`);
    return reply;
  }

  /** Greeting and EHLO. */
  async hello(): Promise<void> {
    await this.reply();
    await this.ask('EHLO client.test', '250');
  }

  /** Greeting to 354: content is expected. */
  async toContent(): Promise<void> {
    await this.hello();
    const blob = Buffer.from(`\0${LOGIN.user}\0${LOGIN.password}`).toString('base64');
    await this.ask(`AUTH PLAIN ${blob}`, '235');
    await this.ask('MAIL FROM:<a@load.test>', '250');
    await this.ask('RCPT TO:<b@load.test>', '250');
    await this.ask('DATA', '354');
  }

  /** One mail over a connection of its own; answers milliseconds from connecting to 250. */
  static async sendMail(port: number, lines = 1): Promise<number> {
    const began = performance.now();
    const session = new PlainSession(port);
    try {
      await session.toContent();
      await session.ask(`Subject: honest\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(lines)}.`, '250');
      return performance.now() - began;
    } finally {
      session.socket.destroy();
    }
  }

  /** So many sessions, brought to the same state in groups. */
  static async hold(
    port: number,
    count: number,
    bring: (session: PlainSession) => Promise<void>,
  ): Promise<readonly PlainSession[]> {
    const sessions: PlainSession[] = [];
    while (sessions.length < count) {
      const group = Array.from(
        { length: Math.min(50, count - sessions.length) },
        () => new PlainSession(port),
      );
      await Promise.all(group.map(bring));
      sessions.push(...group);
    }
    return sessions;
  }
}

/** Honest mail, small and large, so that code is compiled before memory is compared. */
export async function warmUp(port: number): Promise<void> {
  for (let sent = 0; sent < 200; sent += 1) await PlainSession.sendMail(port);
  for (let sent = 0; sent < 100; sent += 1) await PlainSession.sendMail(port, LARGE_LINES);
}
