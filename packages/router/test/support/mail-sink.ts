/**
 * A downstream for tests, on plain sockets and independent of our own engines: keeps what it is given
 * and answers as it is told.
 */
import { createServer, type Server, type Socket } from 'node:net';

/** One mail that was answered 2xx. */
export interface SunkMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Content without dot-stuffing, CRLF line ends, the router's trace field included. */
  readonly content: string;
}

/** Replies to be given instead of the friendly ones; '' drops the connection, undefined is friendly. */
export interface SinkReplies {
  greeting?: string;
  mail?: string;
  rcpt?: (address: string) => string | undefined;
  data?: string;
  dot?: string;
  /** The answer to a dot waits for it; the mail is taken before. */
  dotWaitsFor?: Promise<unknown>;
  /** Offers AUTH and accepts this login only. */
  login?: { readonly user: string; readonly password: string };
}

export class MailSink {
  readonly mails: SunkMail[] = [];
  /** Every line clients said, AUTH blobs included. */
  readonly lines: string[] = [];
  readonly replies: SinkReplies;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(replies: SinkReplies) {
    this.replies = replies;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async open(replies: SinkReplies = {}, port = 0): Promise<MailSink> {
    const sink = new MailSink(replies);
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject);
      sink.#server.listen(port, '127.0.0.1', resolve);
    });
    return sink;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get addr(): string {
    return `127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    // Answers to commands sent together are written one by one.
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const dialog = new SinkDialog(this, (text) =>
      text === '' ? socket.destroy() : socket.write(`${text}\r\n`),
    );
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      const lines = (rest + piece).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) dialog.line(line);
    });
    dialog.greet();
  }
}

class SinkDialog {
  readonly #sink: MailSink;
  readonly #say: (text: string) => void;
  #from = '';
  #to: string[] = [];
  #content: string[] | undefined;
  #expectsBlob: boolean = false;

  constructor(sink: MailSink, say: (text: string) => void) {
    this.#sink = sink;
    this.#say = say;
  }

  greet(): void {
    this.#say(this.#sink.replies.greeting ?? '220 sink ESMTP');
  }

  line(line: string): void {
    if (this.#content !== undefined) {
      this.#contentLine(line, this.#content);
      return;
    }
    this.#sink.lines.push(line);
    this.#say(this.#answerTo(line));
    if (line.toUpperCase() === 'QUIT') this.#say('');
  }

  #contentLine(line: string, content: string[]): void {
    if (line !== '.') {
      content.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    this.#content = undefined;
    const reply = this.#sink.replies.dot ?? '250 2.0.0 taken';
    if (reply.startsWith('2')) {
      this.#sink.mails.push({ from: this.#from, to: this.#to, content: `${content.join('\r\n')}\r\n` });
    }
    const { dotWaitsFor } = this.#sink.replies;
    if (dotWaitsFor === undefined) this.#say(reply);
    else void dotWaitsFor.then(() => this.#say(reply));
  }

  #answerTo(line: string): string {
    const { replies } = this.#sink;
    if (this.#expectsBlob) return this.#auth(line);
    const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return [
          '250-sink',
          ...(replies.login ? ['250-AUTH PLAIN'] : []),
          '250-8BITMIME',
          '250 PIPELINING',
        ].join('\r\n');
      case 'AUTH':
        return this.#auth(line.split(' ')[2]);
      case 'MAIL':
        [this.#from, this.#to] = [address, []];
        return replies.mail ?? '250 2.1.0 ok';
      case 'RCPT':
        return this.#rcpt(address);
      case 'DATA':
        return this.#data();
      default:
        return line.toUpperCase() === 'QUIT' ? '221 2.0.0 bye' : '250 2.0.0 ok';
    }
  }

  #auth(blob: string | undefined): string {
    this.#expectsBlob = blob === undefined;
    if (blob === undefined) return '334 ';
    const { login } = this.#sink.replies;
    const wanted = Buffer.from(`\0${login?.user}\0${login?.password}`).toString('base64');
    return blob === wanted ? '235 2.7.0 welcome' : '535 5.7.8 who are you';
  }

  #rcpt(address: string): string {
    const reply = this.#sink.replies.rcpt?.(address) ?? '250 2.1.5 ok';
    if (reply.startsWith('2')) this.#to.push(address);
    return reply;
  }

  #data(): string {
    const reply = this.#to.length === 0 ? '503 5.5.1 no recipient' : (this.#sink.replies.data ?? '354 go on');
    if (reply.startsWith('3')) this.#content = [];
    return reply;
  }
}
