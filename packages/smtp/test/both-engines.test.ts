import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmtpClientSession } from '../src/client/smtp-client-session.ts';
import { DotStuffer } from '../src/grammar/dot-stuffer.ts';
import { SmtpServerSession } from '../src/server/smtp-server-session.ts';
import { bytesOf, cutBy, cuts, fuzzRuns, textOf } from './support/chunks.ts';
import { parseTransaction } from './support/client-driver.ts';

/** Both engines over two pipes in memory that cut what passes. */
class Conversation {
  readonly #server = new SmtpServerSession({
    hostname: 'mx',
    auth: ['PLAIN', 'LOGIN'],
    isChunkingOffered: true,
  });
  readonly #client = new SmtpClientSession({
    heloName: 'c',
    credentials: { username: 'user', password: 'pass' },
    isPlaintextAuthAllowed: true,
  });
  readonly #sizes: readonly number[];
  readonly #contents: string[];
  readonly received: string[] = [];
  readonly replies: number[] = [];
  #current = '';

  readonly #isChunked: boolean;

  constructor(contents: readonly string[], sizes: readonly number[], isChunked: boolean) {
    this.#isChunked = isChunked;
    this.#contents = [...contents];
    this.#sizes = sizes;
  }

  run(): this {
    this.#server.greet();
    for (;;) {
      const toClient = this.#server.takeOutput();
      const toServer = this.#client.takeOutput();
      if (toClient === undefined && toServer === undefined) return this;
      if (toClient !== undefined) this.#toClient(Buffer.from(toClient));
      if (toServer !== undefined) this.#toServer(Buffer.from(toServer));
    }
  }

  #toServer(bytes: Uint8Array): void {
    for (const chunk of cutBy(bytes, this.#sizes)) {
      this.#server.receive(chunk);
      for (let event = this.#server.nextEvent(); event !== undefined; event = this.#server.nextEvent()) {
        if (event.kind === 'content') this.#current += textOf(event.bytes);
        if (event.kind === 'content-end') this.received.push(this.#current);
        if (event.kind === 'content-end') this.#current = '';
        if (['auth', 'mail', 'rcpt', 'content-end'].includes(event.kind))
          this.#server.answer({ code: 250, lines: ['Ok'] });
        if (event.kind === 'data') this.#server.answer({ code: 354, lines: ['Go'] });
        assert.notEqual(event.kind, 'protocol-error');
      }
    }
  }

  #toClient(bytes: Uint8Array): void {
    for (const chunk of cutBy(bytes, this.#sizes)) {
      this.#client.receive(chunk);
      for (let event = this.#client.nextEvent(); event !== undefined; event = this.#client.nextEvent()) {
        if (event.kind === 'ready') this.#beginNext();
        if (event.kind === 'content-wanted') this.#sendContent();
        if (event.kind === 'transaction-end') this.replies.push(event.reply.code);
        assert.notEqual(event.kind, 'session-failed');
      }
    }
  }

  #beginNext(): void {
    if (this.#contents.length === 0) this.#client.quit();
    else if (this.#isChunked) this.#beginChunked(bytesOf(this.#contents.shift() ?? ''));
    else this.#client.begin(parseTransaction('<a@b> -> <c@d> <e@f>'));
  }

  /** Content right behind the envelope. */
  #beginChunked(content: Uint8Array): void {
    this.#client.begin(parseTransaction(`<a@b> -> <c@d> <e@f> chunk=${content.length}`));
    this.#toServer(bytesOf(this.#client.takeOutput() ?? ''));
    this.#toServer(content);
  }

  #sendContent(): void {
    const stuffer = new DotStuffer();
    const pieces = cutBy(bytesOf(this.#contents.shift() ?? ''), this.#sizes).flatMap((chunk) => [
      ...stuffer.stuff(chunk),
    ]);
    this.#client.contentSent();
    for (const piece of [...pieces, stuffer.finish()]) this.#toServer(piece);
  }
}

test('Messages pass from the client engine to the server engine byte for byte, in any cuts', () => {
  const line = fc.array(fc.constantFrom('.', '..', 'QUIT', 'a', '\xff', ' '), { maxLength: 4 });
  const content = fc
    .array(line, { maxLength: 8 })
    .map((lines) => lines.map((words) => `${words.join('')}\r\n`).join(''));
  fc.assert(
    fc.property(fc.array(content, { maxLength: 3 }), cuts, fc.boolean(), (contents, sizes, isChunked) => {
      const conversation = new Conversation(contents, sizes, isChunked).run();
      assert.deepEqual(conversation.received, contents);
      assert.deepEqual(
        conversation.replies,
        contents.map(() => 250),
      );
    }),
    { numRuns: fuzzRuns() },
  );
});
