/** What tests of hostile input share: a whole router on loopback, downstreams behind it, and sessions of raw bytes. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { RawClient } from '../listener/raw-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { type Script, ScriptedDownstream, type ScriptedOptions } from '../support/scripted-downstream.ts';
import { LOGIN, TestRouter, type TestRouterOptions, type TestSink } from '../support/test-router.ts';

/** AUTH PLAIN's message for a login (RFC 4616). */
export function plainBlob(
  user: string = LOGIN.user,
  password: string = LOGIN.password,
  authzid = '',
): string {
  return Buffer.from(`${authzid}\0${user}\0${password}`).toString('base64');
}

/** Everything up to the last recipient; content begins after DATA. */
export const ENVELOPE = ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.org>'];

/** A router and what is around it; everything ends with the test. */
export class Arena {
  readonly router: TestRouter;
  readonly #clients: RawClient[] = [];

  private constructor(router: TestRouter) {
    this.router = router;
  }

  static async open(test: TestContext, options: TestRouterOptions): Promise<Arena> {
    const arena = new Arena(await TestRouter.start(options));
    test.after(() => arena.#close());
    return arena;
  }

  /** A downstream that keeps what it is given. */
  static async sink(test: TestContext): Promise<MailSink> {
    const sink = await MailSink.open();
    test.after(() => sink.close());
    return sink;
  }

  /** A downstream that answers by a table and keeps the bytes as they came. */
  static async scripted(
    test: TestContext,
    script: Script | readonly Script[] = {},
    options: ScriptedOptions = {},
  ): Promise<ScriptedDownstream> {
    const downstream = await ScriptedDownstream.start(script, options);
    test.after(() => downstream.stop());
    return downstream;
  }

  /** Connected and greeted. */
  async stranger(): Promise<RawClient> {
    const client = await RawClient.connect(Number(this.router.address.split(':').at(-1)));
    this.#clients.push(client);
    await client.reply();
    return client;
  }

  /** Logged in. */
  async friend(): Promise<RawClient> {
    const client = await this.stranger();
    client.say('EHLO client.example', `AUTH PLAIN ${plainBlob()}`);
    await client.codes(2);
    return client;
  }

  /** Logged in and behind 354. */
  async writer(): Promise<RawClient> {
    const client = await this.friend();
    client.say(...ENVELOPE, 'DATA');
    await client.codes(3);
    return client;
  }

  async #close(): Promise<void> {
    for (const client of this.#clients) client.stream.destroy();
    await this.router.stop();
  }
}

/** A downstream as `TestRouterOptions.sinks` wants it. */
export function behind(downstream: ScriptedDownstream): TestSink {
  return { addr: `127.0.0.1:${downstream.port}`, replies: {} };
}

/** Writes the bytes in pieces that leave one by one; text is one byte a character. */
export async function write(client: RawClient, ...pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    client.stream.write(Buffer.from(piece, 'latin1'));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A line of the log, or any other: nothing in it ends a line, moves a cursor or turns the direction of writing. */
export function assertOneLine(line: string): void {
  assert.doesNotMatch(line.replace(/\n$/, ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u);
}

/** The text cut in two at every place. */
export function splits(text: string): readonly (readonly [string, string])[] {
  return Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
}
