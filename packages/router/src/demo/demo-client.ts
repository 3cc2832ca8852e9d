/** The smallest possible sender: one mail, one connection, as an application would send it. */
import { connect, type Socket } from 'node:net';
import { type SmtpClientEvent, SmtpClientSession } from '@smtp-router/smtp/client';
import { DotStuffer, type Path, parseForwardPath, type SmtpReply } from '@smtp-router/smtp/grammar';

/** One mail with the login it is sent under. */
export interface DemoMail {
  /** Port on loopback. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string;
  /** CRLF line ends. */
  readonly content: Uint8Array;
}

/** Longest wait for the whole conversation. */
const TIMEOUT_MS = 30_000;

/** The reply that ended the transaction; rejects when there was none. */
export function sendDemoMail(mail: DemoMail): Promise<SmtpReply> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: mail.port, timeout: TIMEOUT_MS });
    const sending = new DemoSending(mail, socket, resolve);
    socket.on('data', (bytes) => sending.receive(bytes));
    socket.on('timeout', () => socket.destroy(new Error('the router did not answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the router closed the connection')));
  });
}

class DemoSending {
  readonly #mail: DemoMail;
  readonly #socket: Socket;
  readonly #settle: (reply: SmtpReply) => void;
  readonly #session: SmtpClientSession;
  #hasBegun: boolean = false;

  constructor(mail: DemoMail, socket: Socket, settle: (reply: SmtpReply) => void) {
    this.#mail = mail;
    this.#socket = socket;
    this.#settle = settle;
    const credentials = { username: mail.user, password: mail.password };
    this.#session = new SmtpClientSession({
      heloName: 'localhost',
      isTls: false,
      startTls: 'never',
      credentials,
      isPlaintextAuthAllowed: true,
    });
  }

  receive(bytes: Uint8Array): void {
    this.#session.receive(bytes);
    for (let event = this.#session.nextEvent(); event !== undefined; event = this.#session.nextEvent()) {
      this.#handle(event);
    }
    const output = this.#session.takeOutput();
    if (output !== undefined && this.#socket.writable) this.#socket.write(output);
  }

  #handle(event: SmtpClientEvent): void {
    switch (event.kind) {
      case 'ready':
        if (this.#hasBegun) this.#leave();
        else this.#begin();
        return;
      case 'content-wanted':
        this.#writeContent();
        return;
      case 'transaction-end':
        this.#settle(event.reply);
        return;
      case 'session-failed':
        this.#socket.destroy(new Error(event.message));
        return;
      default:
        return;
    }
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#session.begin({
      reversePath: pathOf(this.#mail.from),
      mailParameters: [],
      recipients: [{ path: pathOf(this.#mail.to), parameters: [] }],
      holdData: false,
    });
  }

  #writeContent(): void {
    const stuffer = new DotStuffer();
    for (const part of [...stuffer.stuff(this.#mail.content), stuffer.finish()]) this.#socket.write(part);
    this.#session.contentSent();
  }

  #leave(): void {
    this.#session.quit();
    const output = this.#session.takeOutput();
    if (output !== undefined) this.#socket.write(output);
    this.#socket.end();
  }
}

function pathOf(address: string): Path {
  const path = parseForwardPath(`<${address}>`);
  if (path === undefined) throw new Error(`${address} is no address`);
  return path;
}
