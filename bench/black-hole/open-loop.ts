/** Sends messages at a steady rate whatever becomes of the earlier ones, over as many sessions as that takes. */
import { MailClient } from '../../packages/router/test/support/mail-client.ts';

/** One message that got its final answer. Times of `performance.now()`. */
export interface Answer {
  readonly begunAt: number;
  readonly endedAt: number;
  /** '250', another code, or '' when the session ended without one. */
  readonly code: string;
}

const LOGIN = { user: 'app@load.test', password: 'secret' };
const CONTENT = `Subject: load\r\n\r\n${'x'.repeat(70)}\r\n`;

export class OpenLoop {
  readonly answers: Answer[] = [];
  readonly #address: string;
  readonly #rate: number;
  readonly #idle: MailClient[] = [];
  readonly #all = new Set<MailClient>();
  #underWay = 0;
  #begun = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number, rate: number) {
    this.#address = `127.0.0.1:${port}`;
    this.#rate = rate;
  }

  /** Messages that have not got their answer yet. */
  get unanswered(): number {
    return this.#underWay;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), 5);
  }

  /** Begins no more; sessions are cut. Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
    for (const client of this.#all) client.drop();
    this.#all.clear();
  }

  #catchUp(): void {
    const due = ((performance.now() - this.#startedAt) / 1_000) * this.#rate;
    for (; this.#begun < due; this.#begun += 1) void this.#send();
  }

  async #send(): Promise<void> {
    this.#underWay += 1;
    const client = this.#idle.pop() ?? (await MailClient.open(this.#address, LOGIN));
    this.#all.add(client);
    const begunAt = performance.now();
    const reply = await client.send({ from: LOGIN.user, content: CONTENT });
    if (!this.#all.has(client)) return;
    this.#underWay -= 1;
    this.answers.push({ begunAt, endedAt: performance.now(), code: reply.slice(0, 3) });
    if (reply !== '') this.#idle.push(client);
  }
}
