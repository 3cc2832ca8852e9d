/** Mail of one user at a steady rate, over sessions that each send when their turn has come. */
import { setTimeout as pause } from 'node:timers/promises';
import { MailClient } from '../../packages/router/test/support/mail-client.ts';
import { loginOf } from './faulty-router.ts';

/** A message that was answered: milliseconds from the moment it was due. */
interface Sent {
  readonly dueAt: number;
  readonly latencyMs: number;
}

const CONTENT = `Subject: steady\r\n\r\n${'x'.repeat(200)}\r\n`;

export interface SteadyMailOptions {
  readonly port: number;
  readonly name: string;
  readonly sessions: number;
  /** Of each session. */
  readonly periodMs: number;
}

export class SteadyMail {
  readonly #options: SteadyMailOptions;
  #sent: Sent[] = [];
  #refused = 0;
  #isOver: boolean = false;
  /** When the message was due that each session waits for or sends next. */
  readonly #due: number[] = [];
  readonly #sending: Promise<unknown>;

  constructor(options: SteadyMailOptions) {
    this.#options = options;
    this.#sending = Promise.all(Array.from({ length: options.sessions }, (_, index) => this.#send(index)));
  }

  /** Messages not answered 250 so far. */
  get refused(): number {
    return this.#refused;
  }

  /** Latencies of the messages due within the time from now; settles when all are answered. */
  async window(durationMs: number): Promise<readonly number[]> {
    const from = performance.now();
    const end = from + durationMs;
    this.#sent = [];
    await pause(durationMs);
    while (this.#due.some((dueAt) => dueAt < end)) await pause(this.#options.periodMs / 4);
    return this.#sent.filter(({ dueAt }) => dueAt >= from && dueAt < end).map(({ latencyMs }) => latencyMs);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  /** A session that is late catches up, and its messages count from when they were due. */
  async #send(index: number): Promise<void> {
    const { port, name, sessions, periodMs } = this.#options;
    const client = await MailClient.open(`127.0.0.1:${port}`, loginOf(name));
    let dueAt = performance.now() + (periodMs * index) / sessions;
    for (; !this.#isOver; dueAt += periodMs) {
      this.#due[index] = dueAt;
      const early = dueAt - performance.now();
      if (early > 0) await pause(early);
      const reply = await client.send({ content: CONTENT });
      if (!reply.startsWith('250 ')) this.#refused += 1;
      this.#sent.push({ dueAt, latencyMs: performance.now() - dueAt });
    }
    this.#due[index] = Infinity;
    client.drop();
  }
}
