/** From the keys of a downstream in YAML to the bytes it gets. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { MailClient } from '../support/mail-client.ts';
import { ScriptedDownstream } from '../support/scripted-downstream.ts';
import { TestRouter } from '../support/test-router.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Rig {
  readonly router: TestRouter;
  readonly client: MailClient;
  readonly first: ScriptedDownstream;
  readonly second: ScriptedDownstream;
}

/** Two downstreams, `first` with the keys. */
async function rig(keys: string): Promise<Rig> {
  const first = await ScriptedDownstream.start();
  const second = await ScriptedDownstream.start();
  closers.push(
    () => first.stop(),
    () => second.stop(),
  );
  const router = await TestRouter.start({
    yaml: `  first: { addr: "127.0.0.1:${first.port}", ${keys} }\n  second: { addr: "127.0.0.1:${second.port}" }`,
  });
  closers.push(() => router.stop());
  const client = await router.client();
  closers.push(async () => client.drop());
  return { router, client, first, second };
}

const FROM_ANN = 'Subject: x\r\nFrom: "Ann, A." <ann@other.example>\r\nTo: b@example.org\r\n\r\n..hello\r\n';

test('verified_from: a foreign sender goes to the next downstream, and the first is not asked', async () => {
  const { router, client, first, second } = await rig('verified_from: ["*@example.com"]');
  assert.match(await client.send({ content: FROM_ANN }), /^250 .*second/);
  assert.match(await client.send({ from: 'x@other.example' }), /^250 .*second/);
  assert.match(
    await client.send({ content: FROM_ANN.replace('other.example', 'example.com') }),
    /^250 .*first/,
  );
  assert.equal(first.connections, 1);
  assert.equal(second.contents.length, 2);
  const failovers = router.events.filter((event) => event.kind === 'failed-over');
  assert.deepEqual(
    failovers.map(({ from, to, blame }) => [from, to, blame]),
    [
      ['first', 'second', 'identity'],
      ['first', 'second', 'identity'],
    ],
  );
  assert.match(failovers[0]?.message ?? '', /verified_from does not have ann@other\.example of From/);
  const line = router.logLines.find((text) => text.includes('"failed-over"')) ?? '';
  assert.match(line, /"level":"info".*"error_code":"ROUTER_SENDER_NOT_VERIFIED"/);
  assert.match(line, /first was passed over, going on with second/);
  assert.ok(!router.events.some((event) => event.kind === 'downstream-state-changed'));
});

test('verified_from: when nobody may send from the address the client hears 550', async () => {
  const { client, first, second } = await rig('verified_from: ["*@example.com"]');
  await second.stop();
  assert.match(await client.send({ from: '' }), /^250 .*first/);
  const only = await ScriptedDownstream.start();
  closers.push(() => only.stop());
  const router = await TestRouter.start({
    yaml: `  only: { addr: "127.0.0.1:${only.port}", verified_from: [a@example.net] }`,
  });
  closers.push(() => router.stop());
  const other = await router.client();
  assert.match(await other.send(), /^550 5\.7\.1 No downstream may send from this address/);
  other.drop();
  assert.equal(only.connections, 0);
  assert.equal(first.contents.length, 1);
});

test('rewriting changes the address in From and in the envelope, and nothing else', async () => {
  const { client, first } = await rig(
    'rewrite_from: no-reply@own.example, rewrite_mail_from: bounces@own.example',
  );
  assert.match(await client.send({ content: FROM_ANN }), /^250 .*first/);
  assert.ok(first.commands.some((line) => line.startsWith('MAIL FROM:<bounces@own.example>')));
  const content = first.contents[0] ?? '';
  assert.match(content, /^Received: /);
  const size = /SIZE=(\d+)/.exec(first.commands.find((line) => line.startsWith('MAIL')) ?? '')?.[1];
  assert.equal(Number(size), content.length - 1, 'one dot is stuffed');
  const sent = FROM_ANN.replace('From', 'Reply-To: ann@other.example\r\nFrom')
    .replace('<ann@other.example>', '<no-reply@own.example>')
    .replace('\r\n..hello', '\r\n...hello');
  assert.ok(content.endsWith(`\r\n${sent}`), content);
});

test('rewriting is for one downstream: the next gets the message as it came', async () => {
  const { client, first, second } = await rig('rewrite_from: no-reply@own.example');
  await first.stop();
  assert.match(await client.send({ content: FROM_ANN }), /^250 .*second/);
  assert.ok(second.contents[0]?.endsWith(`\r\n${FROM_ANN.replace('..hello', '...hello')}`));
});

test('login is the user of the downstream', async () => {
  const { client, first } = await rig(
    'user: me@own.example, pass: secret-2, rewrite_from: login, rewrite_mail_from: login',
  );
  assert.match(await client.send({ content: FROM_ANN }), /^250 .*first/);
  assert.ok(first.commands.some((line) => line.startsWith('MAIL FROM:<me@own.example>')));
  assert.match(first.contents[0] ?? '', /\r\nFrom: "Ann, A\." <me@own\.example>\r\n/);
});

test('two mailboxes in From cannot be rewritten: the next downstream gets the message', async () => {
  const { router, client, first, second } = await rig('rewrite_from: no-reply@own.example');
  const content = 'From: a@example.com, b@example.com\r\n\r\nx\r\n';
  assert.match(await client.send({ content }), /^250 .*second/);
  assert.equal(first.connections, 0);
  assert.ok(second.contents[0]?.endsWith(`\r\n${content}`));
  assert.ok(router.logLines.some((line) => line.includes('ROUTER_FROM_NOT_REWRITABLE')));
});

test('a bounce keeps its empty sender and its From', async () => {
  const { client, first } = await rig(
    'rewrite_from: a@own.example, rewrite_mail_from: b@own.example, verified_from: ["*@own.example"]',
  );
  assert.match(await client.send({ from: '', content: FROM_ANN }), /^250 .*first/);
  assert.ok(first.commands.some((line) => line.startsWith('MAIL FROM:<>')));
  assert.match(first.contents[0] ?? '', /<ann@other\.example>/);
});

test('a signature that rewriting breaks is told, once for each message', async () => {
  const { router, client } = await rig('rewrite_from: no-reply@own.example');
  const content = `DKIM-Signature: v=1; d=other.example;\r\n h=Subject:From; b=xx\r\n${FROM_ANN}`;
  assert.match(await client.send({ content }), /^250 .*first/);
  assert.match(await client.send({ content: FROM_ANN }), /^250 .*first/);
  const broken = router.events.filter((event) => event.kind === 'signature-broken');
  assert.deepEqual(
    broken.map(({ downstream, domains }) => [downstream, domains]),
    [['first', ['other.example']]],
  );
  assert.ok(router.logLines.some((line) => line.includes('breaks the DKIM signature of other.example')));
});

test('max_recipients: without a spool a downstream that takes fewer is passed over', async () => {
  const { router, client, first, second } = await rig('max_recipients: 1');
  const to = ['b@example.org', 'c@example.org'];
  assert.match(await client.send({ to }), /^250 .*second/);
  assert.equal(first.connections, 0);
  assert.equal(second.commands.filter((line) => line.startsWith('RCPT')).length, 2);
  assert.ok(router.logLines.some((line) => line.includes('2 recipients are more than its max_recipients 1')));
  assert.match(await client.send(), /^250 .*first/);
  await second.stop();
  assert.match(await client.send({ to }), /^451 4\.\d\.\d /);
  assert.equal(first.contents.length, 1);
});

test('max_recipients: where every downstream takes fewer, the client is asked to split', async () => {
  const only = await ScriptedDownstream.start();
  closers.push(() => only.stop());
  const router = await TestRouter.start({
    yaml: `  only: { addr: "127.0.0.1:${only.port}", max_recipients: 2 }`,
  });
  closers.push(() => router.stop());
  const client = await router.client();
  closers.push(async () => client.drop());
  await client.say('MAIL FROM:<a@example.com>');
  assert.match(await client.say('RCPT TO:<b@example.org>'), /^250 /);
  assert.match(await client.say('RCPT TO:<c@example.org>'), /^250 /);
  assert.match(await client.say('RCPT TO:<d@example.org>'), /^452 4\.5\.3 /);
  assert.match(await client.say('DATA'), /^354 /);
  assert.match(await client.say('x: y\r\n\r\n.'), /^250 /);
  assert.deepEqual(
    only.commands.filter((line) => line.startsWith('RCPT')),
    ['RCPT TO:<b@example.org>', 'RCPT TO:<c@example.org>'],
  );
});

test('a downstream that takes fewer by its own word gets no part of the message without a spool', async () => {
  const first = await ScriptedDownstream.start({ RCPT: ['250 ok', '452 4.5.3 too many recipients'] });
  const second = await ScriptedDownstream.start();
  closers.push(
    () => first.stop(),
    () => second.stop(),
  );
  const router = await TestRouter.start({
    yaml: `  first: { addr: "127.0.0.1:${first.port}" }\n  second: { addr: "127.0.0.1:${second.port}" }`,
  });
  closers.push(() => router.stop());
  const client = await router.client();
  closers.push(async () => client.drop());
  const to = ['b@example.org', 'c@example.org'];
  assert.match(await client.send({ to }), /^250 .*second/);
  await second.stop();
  assert.match(await client.send({ to }), /^451 4\./);
  assert.ok(!first.commands.includes('DATA'));
  assert.deepEqual(first.contents, []);
});

test('a message that lies in a temporary file is rewritten as it is read', async () => {
  const first = await ScriptedDownstream.start();
  closers.push(() => first.stop());
  const router = await TestRouter.start({
    yaml: `  first: { addr: "127.0.0.1:${first.port}", rewrite_from: no-reply@own.example }
limits: { memory_for_messages: 1MiB }`,
  });
  closers.push(() => router.stop());
  const client = await router.client();
  closers.push(async () => client.drop());
  const content = FROM_ANN + `${'y'.repeat(76)}\r\n`.repeat(10_000);
  assert.match(await client.send({ content }), /^250 .*first/);
  const sent = content
    .replace('From', 'Reply-To: ann@other.example\r\nFrom')
    .replace('<ann@other.example>', '<no-reply@own.example>')
    .replace('\r\n..hello', '\r\n...hello');
  assert.ok(first.contents[0]?.endsWith(`\r\n${sent}`));
  const metrics = await fetch(`http://${router.handle.addresses.admin}/metrics`);
  assert.match(await metrics.text(), /^smtp_router_message_files_total 1$/m);
});
