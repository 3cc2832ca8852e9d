/** TLS towards clients, from the lines of a configuration to what an independent client makes of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { tlsFixture } from '../support/downstream-options.ts';
import { MailClient } from '../support/mail-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { LOGIN, TestRouter, type TestRouterOptions } from '../support/test-router.ts';

const sink = await MailSink.open();
after(() => sink.close());

const routers: TestRouter[] = [];
afterEach(async () => {
  for (const router of routers.splice(0)) await router.stop();
});

const CERTIFICATE = `tls: { cert: ${tlsFixture('good.pem')}, key: ${tlsFixture('good.key')} }`;

async function started(options: TestRouterOptions = {}): Promise<TestRouter> {
  const router = await TestRouter.start({ sinks: [sink], yaml: CERTIFICATE, ...options });
  routers.push(router);
  return router;
}

/** nodemailer, which trusts nobody but the test authority. */
function mailer(router: TestRouter, options: { readonly secure?: boolean; readonly requireTLS?: boolean }) {
  const [host = '', port = ''] = router.address.split(':');
  return createTransport({
    host,
    port: Number(port),
    auth: { user: LOGIN.user, pass: LOGIN.password },
    tls: { ca: readFileSync(tlsFixture('ca.pem')), servername: 'localhost' },
    ...options,
  });
}

const MAIL = { from: 'a@example.com', to: 'b@example.org', subject: 'x', text: 'over TLS' };

test('with a certificate nodemailer sends by STARTTLS, and the message says so', async () => {
  const router = await started();
  const info = await mailer(router, { requireTLS: true }).sendMail(MAIL);
  assert.match(info.response, /^250 /);
  assert.match(sink.mails.at(-1)?.content ?? '', /^Received: [^;]*with ESMTPSA\r\n/);
  assert.match(sink.mails.at(-1)?.content ?? '', /over TLS/);
});

test('tls: implicit, with a large message', async () => {
  const router = await started({ listen: 'tls: implicit' });
  const text = 'a line of text, and so on\r\n'.repeat(100_000);
  const info = await mailer(router, { secure: true }).sendMail({ ...MAIL, text });
  assert.match(info.response, /^250 /);
  assert.match(sink.mails.at(-1)?.content ?? '', /^Received: [^;]*with ESMTPSA\r\n/);
  assert.ok((sink.mails.at(-1)?.content.length ?? 0) > text.length);
});

test('allow_plaintext_auth: false keeps passwords out of clear connections', async () => {
  const router = await started({ listen: 'allow_plaintext_auth: false' });
  const client = await MailClient.open(router.address);
  assert.doesNotMatch(await client.say('EHLO again.example'), /AUTH/);
  assert.match(await client.say('AUTH PLAIN AGFAYgBj'), /^538 5\.7\.11 /);
  assert.match(await client.say('MAIL FROM:<a@example.com>'), /^530 5\.7\.0 Must issue a STARTTLS/);
  client.drop();
  const info = await mailer(router, { requireTLS: true }).sendMail(MAIL);
  assert.match(info.response, /^250 /);
});

test('on loopback a login in clear stays possible beside STARTTLS, and tls: off has no TLS', async () => {
  const both = await started();
  const client = await both.client();
  assert.match(await client.say('EHLO again.example'), /STARTTLS/);
  assert.match(await client.send(), /^250 /);
  assert.match(sink.mails.at(-1)?.content ?? '', /^Received: [^;]*with ESMTPA\r\n/);
  client.drop();
  const off = await started({ listen: 'tls: off' });
  const plain = await off.client();
  assert.doesNotMatch(await plain.say('EHLO again.example'), /STARTTLS/);
  assert.match(await plain.say('STARTTLS'), /^502 /);
  plain.drop();
});

test('the certificate that is served and when it ends stand in log and metrics', async () => {
  const router = await started();
  const line = router.logLines.find((text) => text.includes('is served'));
  assert.match(line ?? '', /good\.pem is served, valid until 2125-01-01/);
  const answer = await fetch(`http://${router.handle.addresses.admin}/metrics`);
  assert.match(
    await answer.text(),
    /^smtp_router_certificate_expiry_timestamp_seconds\{file=".*good\.pem"\} 4891363200$/m,
  );
});

test('a client behind a balancer is known by its own address, in log and message', async () => {
  const router = await started({ listen: 'proxy_protocol_from: [127.0.0.1], auth: required' });
  const client = await MailClient.open(router.address, LOGIN, 'PROXY TCP4 192.0.2.77 192.0.2.1 1 25\r\n');
  assert.match(await client.send(), /^250 /);
  client.drop();
  assert.match(sink.mails.at(-1)?.content ?? '', /^Received: from client\.example \(\[192\.0\.2\.77\]\)/);
  const opened = await router.until((event) => event.kind === 'session-opened');
  assert.equal(opened.kind === 'session-opened' && opened.clientAddress, '192.0.2.77');
});
