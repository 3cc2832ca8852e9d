/** A built-in downstream: takes every mail and keeps none. */
import { createServer, type Server, type Socket } from 'node:net';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { type SmtpServerEvent, SmtpServerSession } from '@smtp-router/smtp/server';

/** A listening sink; whoever opened it closes it. */
export class DemoSink {
  readonly name: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(name: string) {
    this.name = name;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on a free port of loopback. */
  static async open(name: string): Promise<DemoSink> {
    const sink = new DemoSink(name);
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject);
      sink.#server.listen({ host: '127.0.0.1', port: 0 }, () => resolve());
    });
    return sink;
  }

  /** `host:port`. */
  get addr(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #serve(socket: Socket): void {
    const session = new SmtpServerSession({ hostname: `sink-${this.name}` });
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      session.receive(bytes);
      this.#proceed(session, socket);
    });
    session.greet();
    this.#proceed(session, socket);
  }

  #proceed(session: SmtpServerSession, socket: Socket): void {
    let isOver = false;
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      const reply = this.#replyTo(event);
      if (reply !== undefined) session.answer(reply);
      if (event.kind === 'close') isOver = true;
    }
    const output = session.takeOutput();
    if (output !== undefined && socket.writable) socket.write(output);
    if (isOver) socket.end();
  }

  /** The answer to an event that asks; undefined for the others. */
  #replyTo(event: SmtpServerEvent): SmtpReply | undefined {
    switch (event.kind) {
      case 'mail':
        return { code: 250, enhancedCode: '2.1.0', lines: ['Ok'] };
      case 'rcpt':
        return { code: 250, enhancedCode: '2.1.5', lines: ['Ok'] };
      case 'data':
        return { code: 354, lines: ['Go on'] };
      case 'content-end':
        return { code: 250, enhancedCode: '2.0.0', lines: [`Taken by ${this.name}`] };
      case 'auth':
        return { code: 235, enhancedCode: '2.7.0', lines: ['Welcome'] };
      default:
        return undefined;
    }
  }
}
