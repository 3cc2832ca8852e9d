import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { aiosmtpdMissing, startAiosmtpd } from './peers/aiosmtpd.ts';
import { downstreamEntry } from './peers/peer.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { assertSame, behindTrace } from './support/content.ts';
import { CORPUS, type OddMail } from './support/corpus.ts';
import { RawClient } from './support/raw-client.ts';
import { RouterProcess } from './support/router-process.ts';
import { scratchFolder } from './support/scratch.ts';
import { SmtpSink } from './support/smtp-sink.ts';
import { hasTools, lacksNothing } from './support/tools.ts';

const LIMIT = { timeout: 120_000 };
const MAIL_FROM = `<${ACCOUNT.user}>`;
const RECIPIENTS = ['<first@example.net>'];

describe('odd but legal mail arrives byte for byte, with its envelope', () => {
  it("at Postfix's smtp-sink, in clear", LIMIT, async (t) => {
    if (!hasTools(t, ['smtp-sink'])) return;
    const folder = await scratchFolder(t);
    const sink = await SmtpSink.start(t, folder);
    const client = await startRouter(t, folder, { addr: `127.0.0.1:${sink.port}`, tls: 'off' });
    for (const [title, mail] of CORPUS) {
      // smtp-sink does not offer SMTPUTF8.
      if (mail.isUtf8 === true) continue;
      await t.test(title, async () => {
        await send(client, mail);
        const [message, ...others] = await sink.take();
        assert.equal(others.length, 0);
        const mailFrom = mail.mailFrom ?? MAIL_FROM;
        assert.equal(message?.mailFrom.slice(0, mailFrom.length), mailFrom);
        assert.deepEqual(message?.recipients, mail.recipients ?? RECIPIENTS);
        const expected = mail.content.toString('latin1').replaceAll('\r\n', '\n');
        assertSame(behindTrace(message?.content.toString('latin1') ?? '', '\n'), expected);
      });
    }
  });

  it('at aiosmtpd, with STARTTLS and AUTH', LIMIT, async (t) => {
    if (!lacksNothing(t, await aiosmtpdMissing())) return;
    const folder = await scratchFolder(t);
    const peer = await startAiosmtpd(t, folder);
    const client = await startRouter(t, folder, downstreamEntry(peer.port));
    for (const [title, mail] of CORPUS) {
      await t.test(title, async () => {
        await send(client, mail);
        const [message, ...others] = await peer.takeMessages();
        assert.equal(others.length, 0);
        // aiosmtpd keeps the brackets of the null reverse-path alone.
        const mailFrom = message?.mailFrom === '<>' ? '<>' : `<${message?.mailFrom}>`;
        assert.equal(mailFrom, mail.mailFrom ?? MAIL_FROM);
        assert.deepEqual(
          message?.recipients.map((address) => `<${address}>`),
          mail.recipients ?? RECIPIENTS,
        );
        assert.equal(message?.mailOptions.includes('SMTPUTF8'), mail.isUtf8 ?? false);
        assertSame(
          behindTrace(message?.content.toString('latin1') ?? '', '\r\n'),
          mail.content.toString('latin1'),
        );
      });
    }
  });
});

async function startRouter(
  t: TestContext,
  folder: string,
  downstream: Readonly<Record<string, unknown>>,
): Promise<RawClient> {
  const config = configText({ downstreams: [downstream], selector: 'in-order' });
  const router = await RouterProcess.start(t, { folder, config });
  return RawClient.login(t, await router.port(), ACCOUNT.user, ACCOUNT.password);
}

async function send(client: RawClient, mail: OddMail): Promise<void> {
  const parameters = mail.isUtf8 === true ? ' BODY=8BITMIME SMTPUTF8' : '';
  await client.say(`MAIL FROM:${mail.mailFrom ?? MAIL_FROM}${parameters}`, '250');
  for (const recipient of mail.recipients ?? RECIPIENTS) await client.say(`RCPT TO:${recipient}`, '250');
  await client.content(mail.content);
}
