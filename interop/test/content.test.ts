import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { MESSAGES } from './support/messages.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { type Submission, sendWithCurl, sendWithSmtplib, sendWithSwaks } from './support/senders.ts';
import { SmtpSink } from './support/smtp-sink.ts';
import { hasTools } from './support/tools.ts';

const RECIPIENTS = ['first@example.net', 'second@example.net'];
const LIMIT = { timeout: 120_000 };

/** A program others wrote that can send a file as it is. */
const SENDERS: ReadonlyMap<string, (submission: Submission) => Promise<unknown>> = new Map<
  string,
  (submission: Submission) => Promise<unknown>
>([
  ['swaks', sendWithSwaks],
  ['python3', assertSmtplibSends],
  ['curl', sendWithCurl],
]);

describe("mail taken by Postfix's smtp-sink arrives byte for byte behind the trace header", () => {
  for (const [name, send] of SENDERS) {
    it(`sent by ${name}`, LIMIT, async (t) => {
      if (!hasTools(t, [name, 'smtp-sink'])) return;
      const folder = await scratchFolder(t);
      const sink = await SmtpSink.start(t, folder);
      const submission = await startRouter(t, folder, sink.port);
      for (const [title, content] of MESSAGES) {
        await t.test(title, async () => {
          await writeFile(submission.file, content);
          await send(submission);
          const [message, ...others] = await sink.take();
          assert.equal(others.length, 0);
          assert.equal(message?.mailFrom, `<${ACCOUNT.user}>${bodyParameter(content)}`);
          assert.deepEqual(message?.recipients, ['<first@example.net>', '<second@example.net>']);
          const expected = content.toString('latin1').replaceAll('\r\n', '\n');
          assertSame(behindTrace(message?.content.toString('latin1') ?? '', '\n'), expected);
        });
      }
    });
  }
});

describe('mail on the wire to a downstream', () => {
  it('has CRLF only, dots doubled, nothing else changed', LIMIT, async (t) => {
    if (!hasTools(t, ['python3'])) return;
    const sink = await startCapturingSink(t);
    const submission = await startRouter(t, await scratchFolder(t), sink.port);
    for (const [title, content] of MESSAGES) {
      await t.test(title, async () => {
        await writeFile(submission.file, content);
        await assertSmtplibSends(submission);
        const sent = sink.contents.at(-1)?.toString('latin1') ?? '';
        assert.doesNotMatch(sent, /\r(?!\n)|(?<!\r)\n/);
        const stuffed = content.toString('latin1').replaceAll(/^\./gm, '..');
        assertSame(behindTrace(sent, '\r\n'), `${stuffed}.\r\n`);
      });
    }
    assert.equal(sink.contents.length, MESSAGES.size);
  });
});

/** 8-bit content is announced to a downstream (RFC 6152), whether or not the client did so. */
function bodyParameter(content: Buffer): string {
  return content.some((byte) => byte > 127) ? ' BODY=8BITMIME' : '';
}

/** A router in front of one downstream; the file named by the result is the test's to write. */
async function startRouter(t: TestContext, folder: string, sink: number): Promise<Submission> {
  const config = configText({ sinks: [sink], selector: 'in-order' });
  const router = await RouterProcess.start(t, { folder, config });
  const file = join(folder, 'message.eml');
  return { port: await router.port(), ...ACCOUNT, recipients: RECIPIENTS, file };
}

async function assertSmtplibSends(submission: Submission): Promise<void> {
  const [result] = await sendWithSmtplib(submission);
  assert.equal(result?.code, 250, result?.text);
}
