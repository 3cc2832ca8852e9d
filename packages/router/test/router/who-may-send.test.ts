/** Who may send, and as whom: from the lines of a configuration to what a client hears. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { hashPassword } from '../../src/submission/password-hash.ts';
import { MailClient, type MailLogin } from '../support/mail-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { LOGIN, TestRouter, type TestRouterOptions } from '../support/test-router.ts';

const sink = await MailSink.open();
after(() => sink.close());

const routers: TestRouter[] = [];
afterEach(async () => {
  for (const router of routers.splice(0)) await router.stop();
});

async function started(options: TestRouterOptions): Promise<TestRouter> {
  const router = await TestRouter.start({ sinks: [sink], ...options });
  routers.push(router);
  return router;
}

/** The replies to MAIL and to a RCPT behind it, whatever MAIL was answered. */
async function mailAndRcpt(router: TestRouter, login?: MailLogin): Promise<readonly string[]> {
  const client = await MailClient.open(router.address, login);
  const replies = [
    await client.say('MAIL FROM:<a@example.com>'),
    await client.say('RCPT TO:<b@example.org>'),
  ];
  client.drop();
  return replies.map((reply) => reply.slice(0, 9));
}

async function ehlo(router: TestRouter): Promise<string> {
  const client = await MailClient.open(router.address);
  const reply = await client.say('EHLO again.example');
  client.drop();
  return reply;
}

const USER = `user: ${LOGIN.user}`;
const ELSEWHERE = 'networks: [192.0.2.0/24, "2001:db8::/32"]';

test('auth: required asks for AUTH even where the network would do', async () => {
  const router = await started({ listen: `${USER}, networks: [127.0.0.0/8]` });
  assert.deepEqual(await mailAndRcpt(router), ['530 5.7.0', '503 5.5.1']);
  assert.deepEqual(await mailAndRcpt(router, LOGIN), ['250 2.1.0', '250 2.1.5']);
});

test('auth: optional lets a client of the networks send as the user, and loopback is the default', async () => {
  const router = await started({ listen: `auth: optional, ${USER}` });
  const client = await MailClient.open(router.address);
  const before = sink.mails.length;
  assert.match(await client.send(), /^250 /);
  client.drop();
  assert.equal(sink.mails.length, before + 1);
  const ended = await router.until((event) => event.kind === 'message-ended');
  assert.equal(ended.kind === 'message-ended' && ended.user, LOGIN.user);
  assert.doesNotMatch(sink.mails.at(-1)?.content ?? '', /with ESMTPA/);
});

test('auth: optional asks everybody else for AUTH, and takes it', async () => {
  const router = await started({ listen: `auth: optional, ${USER}, ${ELSEWHERE}` });
  assert.deepEqual(await mailAndRcpt(router), ['530 5.7.0', '503 5.5.1']);
  assert.deepEqual(await mailAndRcpt(router, LOGIN), ['250 2.1.0', '250 2.1.5']);
});

test('auth: off goes by the network alone', async () => {
  const inside = await started({ listen: `auth: off, ${USER}` });
  assert.deepEqual(await mailAndRcpt(inside), ['250 2.1.0', '250 2.1.5']);
  assert.doesNotMatch(await ehlo(inside), /AUTH/);
  const outside = await started({ listen: `auth: off, ${USER}, ${ELSEWHERE}` });
  assert.deepEqual(await mailAndRcpt(outside), ['550 5.7.1', '503 5.5.1']);
  await assert.rejects(MailClient.open(outside.address, LOGIN), /login refused: 502/);
});

test('a hash in the configuration lets the password in, and appears nowhere', async () => {
  const passwordHash = await hashPassword(LOGIN.password);
  const router = await started({ passwordHash });
  for (let count = 0; count < 3; count += 1) {
    const client = await router.client();
    assert.match(await client.send(), /^250 /);
    client.drop();
  }
  await assert.rejects(MailClient.open(router.address, { ...LOGIN, password: passwordHash }), /535/);
  const log = router.logLines.join('');
  assert.ok(!log.includes(passwordHash) && !log.includes(LOGIN.password));
});

test('allowed_senders holds for the envelope and for From', async () => {
  const router = await started({ user: 'allowed_senders: ["*@example.com"]' });
  const client = await router.client();
  assert.match(await client.send({ content: 'From: A <a@example.com>\r\n\r\nx\r\n' }), /^250 /);
  assert.match(await client.send({ content: 'From: A <a@example.net>\r\n\r\nx\r\n' }), /^550 5\.7\.1 /);
  assert.match(await client.send({ from: '', content: 'From: a@example.com\r\n\r\nx\r\n' }), /^250 /);
  assert.match(await client.say('MAIL FROM:<a@example.net>'), /^550 5\.7\.1 /);
  client.drop();
});
