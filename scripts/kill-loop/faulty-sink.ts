import { createServer, type Server, type Socket } from 'node:net';

/** What it does to a message while it is faulty. */
const FAULTS = [
  'none',
  'none',
  'refuse-mail',
  'refuse-dot',
  'lose-answer',
  'late-answer',
  'drop-before',
] as const;
type Fault = (typeof FAULTS)[number];

const LATE_MS = 800;

/** A downstream that counts messages by the id in their subject, and fails as chance has it. */
export class FaultySink {
  isFaulty: boolean = false;
  /** How often each message was taken: its dot was read and not refused. */
  readonly counts = new Map<string, number>();
  /** Messages that were taken and whose answer the router did not get in time, or at all. */
  lostAnswers = 0;
  /** Under way. */
  transactions = 0;
  readonly #random: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(random: () => number) {
    this.#random = random;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  fault(): Fault {
    return this.isFaulty ? (FAULTS[Math.floor(this.#random() * FAULTS.length)] ?? 'none') : 'none';
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const dialog = new SinkDialog(this, socket);
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      dialog.ended();
    });
    socket.on('data', (piece: string) => {
      const lines = (rest + piece).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) dialog.line(line);
    });
    socket.write('220 sink\r\n');
  }
}

class SinkDialog {
  readonly #sink: FaultySink;
  readonly #socket: Socket;
  #fault: Fault = 'none';
  #id = '';
  #isContent: boolean = false;
  #isOpen: boolean = false;

  constructor(sink: FaultySink, socket: Socket) {
    this.#sink = sink;
    this.#socket = socket;
  }

  line(line: string): void {
    if (this.#isContent) this.#content(line);
    else this.#command(line.slice(0, 4).toUpperCase());
  }

  ended(): void {
    this.#close();
  }

  #command(verb: string): void {
    this.#say(this.#replyTo(verb));
    if (verb === 'QUIT') this.#socket.end();
  }

  #replyTo(verb: string): string {
    if (verb === 'EHLO') return '250-sink\r\n250 PIPELINING';
    if (verb === 'QUIT') return '221 bye';
    if (verb === 'MAIL') return this.#begin();
    if (!this.#isOpen && verb !== 'RSET') return '503 no';
    this.#isContent = verb === 'DATA';
    return this.#isContent ? '354 go on' : '250 ok';
  }

  #begin(): string {
    this.#fault = this.#sink.fault();
    if (this.#fault === 'refuse-mail') return '451 not now';
    this.#isOpen = true;
    this.#sink.transactions += 1;
    return '250 ok';
  }

  #content(line: string): void {
    if (line.startsWith('Subject: ')) this.#id = line.slice(9);
    if (line !== '.') return;
    this.#isContent = false;
    if (this.#fault === 'drop-before') {
      this.#socket.destroy();
      return;
    }
    if (this.#fault === 'refuse-dot') {
      this.#close();
      this.#say('451 not now');
      return;
    }
    this.#sink.counts.set(this.#id, (this.#sink.counts.get(this.#id) ?? 0) + 1);
    this.#answer();
  }

  #answer(): void {
    switch (this.#fault) {
      case 'lose-answer':
        this.#sink.lostAnswers += 1;
        this.#socket.destroy();
        return;
      case 'late-answer':
        setTimeout(() => {
          this.#close();
          if (this.#socket.destroyed) this.#sink.lostAnswers += 1;
          else this.#say('250 taken late');
        }, LATE_MS);
        return;
      default:
        this.#close();
        this.#say('250 taken');
    }
  }

  #say(text: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${text}\r\n`);
  }

  #close(): void {
    if (this.#isOpen) this.#sink.transactions -= 1;
    this.#isOpen = false;
  }
}
