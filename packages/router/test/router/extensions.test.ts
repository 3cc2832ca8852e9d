/** SMTP extensions through a whole router: what a client announces and how it reaches the downstream. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MailSink, type SinkReplies } from '../support/mail-sink.ts';
import { TestRouter } from '../support/test-router.ts';

async function rig(t: TestContext, replies: SinkReplies = {}) {
  const sink = await MailSink.open(replies);
  const router = await TestRouter.start({ sinks: [sink] });
  const client = await router.client();
  t.after(async () => {
    client.drop();
    await router.stop();
    await sink.close();
  });
  return { sink, router, client };
}

/** What of a mail came from the client: everything behind the router's own trace field. */
function clientPart(content: string | undefined): string {
  return content?.replace(/^Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*/, '') ?? '';
}

test('CHUNKING is offered, and content sent by BDAT reaches a downstream that takes DATA only', async (t) => {
  const { sink, client } = await rig(t);
  assert.match(await client.say('EHLO client.example'), /^250[- ]CHUNKING$/m);
  await client.say('MAIL FROM:<a@example.com>');
  await client.say('RCPT TO:<b@example.org>');
  assert.equal(await client.say('BDAT 14\r\nSubject: x\r\n'), '250 2.0.0 14 octets received');
  const answer = await client.say('BDAT 19 LAST\r\n.\r\nMAIL FROM:<no>');
  assert.match(answer, /^250 /);
  assert.equal(clientPart(sink.mails[0]?.content), 'Subject: x\r\n\r\n.\r\nMAIL FROM:<no>\r\n');
});
