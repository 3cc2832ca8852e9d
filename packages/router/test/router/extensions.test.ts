/** SMTP extensions through a whole router: what a client announces and how it reaches the downstream. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MailSink, type SinkReplies } from '../support/mail-sink.ts';
import { ScriptedDownstream } from '../support/scripted-downstream.ts';
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

/** A router before two downstreams that are asked in order. */
async function rigOfTwo(t: TestContext, one: readonly string[], two: readonly string[]) {
  const servers = [
    await ScriptedDownstream.start({}, { keywords: one }),
    await ScriptedDownstream.start({}, { keywords: two }),
  ] as const;
  const [first, second] = servers;
  const router = await TestRouter.start({
    yaml: [`  one: { addr: "127.0.0.1:${first.port}" }`, `  two: { addr: "127.0.0.1:${second.port}" }`].join(
      '\n',
    ),
  });
  const client = await router.client();
  t.after(async () => {
    client.drop();
    await router.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });
  return { first, second, router, client };
}

/** Text as the bytes of its UTF-8 form, one character each: what clients and downstreams here speak. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}

const SENDER = utf8('grüße@müller.example');
const RECIPIENT = utf8('用户@例え.example');

test('SMTPUTF8: the candidate that offers it gets the addresses byte for byte, the other is never asked', async (t) => {
  const { first, second, router, client } = await rigOfTwo(
    t,
    ['PIPELINING', '8BITMIME'],
    ['PIPELINING', '8BITMIME', 'SMTPUTF8'],
  );
  assert.match(await client.say('EHLO client.example'), /^250[- ]SMTPUTF8$/m);
  assert.match(await client.say(`MAIL FROM:<${SENDER}> SMTPUTF8`), /^250 /);
  assert.match(await client.say(`RCPT TO:<${RECIPIENT}>`), /^250 /);
  await client.say('DATA');
  assert.match(await client.say(utf8('Subject: grüße\r\n\r\nx\r\n.')), /^250 .*\btwo\b/);
  assert.deepEqual(
    first.commands.filter((line) => line.startsWith('MAIL')),
    [],
  );
  const [mail = '', rcpt = ''] = second.commands.slice(1);
  assert.ok(mail.startsWith(`MAIL FROM:<${SENDER}> `), mail);
  assert.deepEqual(mail.split(' ').slice(2).sort(), ['BODY=8BITMIME', 'SMTPUTF8']);
  assert.equal(rcpt, `RCPT TO:<${RECIPIENT}>`);
  assert.match(second.contents[0] ?? '', / with UTF8SMTPA\r\n/);
  const ended = await router.until((event) => event.kind === 'message-ended');
  assert.ok(ended.kind === 'message-ended');
  assert.deepEqual(
    ended.attempts.map(({ downstreamId, outcomes: [outcome] }) => [
      downstreamId,
      outcome?.kind,
      outcome?.kind === 'delivered' ? '' : outcome?.blame,
    ]),
    [
      ['one', 'failed', 'capability'],
      ['two', 'delivered', ''],
    ],
  );
});

test('SMTPUTF8: where nobody offers it the message is refused with the reason, and nobody is asked', async (t) => {
  const { first, second, client } = await rigOfTwo(t, ['8BITMIME'], ['8BITMIME']);
  await client.say(`MAIL FROM:<${SENDER}> SMTPUTF8`);
  await client.say(`RCPT TO:<${RECIPIENT}>`);
  await client.say('DATA');
  assert.match(await client.say('Subject: x\r\n\r\nx\r\n.'), /^554 5\.6\.7 /);
  assert.ok(![...first.commands, ...second.commands].some((line) => line.startsWith('MAIL')));
});

test('SMTPUTF8: an address beyond ASCII without the parameter is refused (RFC 6531 §3.5)', async (t) => {
  const { client } = await rigOfTwo(t, [], []);
  assert.match(await client.say(`MAIL FROM:<${SENDER}>`), /^553 5\.6\.7 /);
  await client.say('MAIL FROM:<a@example.com>');
  assert.match(await client.say(`RCPT TO:<${RECIPIENT}>`), /^553 5\.6\.7 /);
});

for (const [what, small, large, content] of [
  ['8BITMIME', ['PIPELINING'], ['PIPELINING', '8BITMIME'], utf8('Subject: x\r\n\r\nä\r\n')],
  ['SIZE', ['SIZE 100'], ['SIZE 100000'], `Subject: x\r\n\r\n${'x'.repeat(100)}\r\n`],
] as const) {
  test(`${what}: a candidate that cannot take the message is skipped before MAIL`, async (t) => {
    const { first, second, client } = await rigOfTwo(t, small, large);
    assert.match(await client.send({ content }), /^250 .*\btwo\b/);
    assert.ok(!first.commands.some((line) => line.startsWith('MAIL')));
    assert.equal(second.contents.length, 1);
  });
}

test('DSN parameters are not offered and not taken while the router sends no delivery reports', async (t) => {
  const { client } = await rigOfTwo(t, [], []);
  assert.doesNotMatch(await client.say('EHLO client.example'), /DSN/);
  assert.match(await client.say('MAIL FROM:<a@example.com> RET=HDRS'), /^555 /);
});

test('CHUNKING on both sides: content by BDAT goes on by BDAT, with its last line as it came', async (t) => {
  const { first, client } = await rigOfTwo(t, ['PIPELINING', 'CHUNKING'], []);
  const answer = await client.say(
    'MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nBDAT 18 LAST\r\nSubject: x\r\n\r\nhalfNOOP',
  );
  assert.match(answer, /^250 /);
  for (const what of ['recipient', 'message', 'NOOP']) assert.match(await client.reply(), /^250 /, what);
  assert.equal(clientPart(first.contents[0]), 'Subject: x\r\n\r\nhalf');
  assert.match(first.commands.at(-1) ?? '', /^BDAT \d+ LAST$/);
});
