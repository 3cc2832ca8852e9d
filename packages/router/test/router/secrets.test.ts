/** Passwords are planted everywhere they may stand, and looked for everywhere they must not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixturePath } from '../support/fixture-path.ts';
import { MailClient } from '../support/mail-client.ts';
import { MailSink } from '../support/mail-sink.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { LOGIN, TestRouter } from '../support/test-router.ts';

const DOWNSTREAM = { user: 'relay-login', password: 'downstream-secret-2' };
const WRONG = 'wrong-secret-3';

/** A password as it may appear: plain, in base64, and in the blobs of AUTH PLAIN. */
function formsOf(user: string, password: string): readonly string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [
    password,
    base64(password),
    base64(`\0${user}\0${password}`),
    base64(`${user}\0${user}\0${password}`),
  ];
}

const FORMS = [
  ...formsOf(LOGIN.user, LOGIN.password),
  ...formsOf(LOGIN.user, WRONG),
  ...formsOf(DOWNSTREAM.user, DOWNSTREAM.password),
];

function assertClean(where: string, text: string): void {
  assert.notEqual(text, '', `${where} was looked at`);
  for (const form of FORMS) assert.ok(!text.includes(form), `${where} holds ${form}`);
}

test('no password reaches log, plugin, status or metrics', async () => {
  const directory = new TemporaryDirectory();
  const dump = directory.file('dump');
  // The second downstream repeats what it is told, as bad servers do.
  const one = await MailSink.open({ login: { ...DOWNSTREAM, password: 'another' } });
  const two = await MailSink.open({ login: DOWNSTREAM, dot: `250 2.0.0 taken with ${DOWNSTREAM.password}` });
  one.replies.login = { ...DOWNSTREAM };
  const router = await TestRouter.start({
    sinks: [one, two],
    selector: 'dump',
    yaml: `selectors: { dump: { plugin: ${JSON.stringify(fixturePath('dump.ts'))}, env: { DUMP: ${JSON.stringify(dump)} } } }`,
  });
  try {
    one.replies.login = { ...DOWNSTREAM, password: 'changed meanwhile' };
    await assert.rejects(MailClient.open(router.address, { ...LOGIN, password: WRONG }), /535/);
    const login = await MailClient.open(router.address);
    await login.say('AUTH LOGIN');
    await login.say(Buffer.from(LOGIN.user).toString('base64'));
    assert.match(await login.say(Buffer.from(LOGIN.password).toString('base64')), /^235/);
    await login.say(`NONSENSE ${Buffer.from(LOGIN.user).toString('base64')}`);
    const client = await router.client();
    await client.send();
    client.drop();
    login.drop();
    const { admin = '' } = router.handle.addresses;
    assertClean('the status', JSON.stringify(router.handle.status()));
    assertClean('the metrics', await (await fetch(`http://${admin}/metrics`)).text());
    assertClean('readiness', await (await fetch(`http://${admin}/readyz`)).text());
    assertClean('environment and arguments of the plugin', readFileSync(dump, 'utf8'));
    assertClean('the request to the plugin', readFileSync(`${dump}.request`, 'utf8'));
  } finally {
    await router.stop();
    await Promise.all([one.close(), two.close()]);
    directory.remove();
  }
  assert.ok(
    two.lines.includes(`AUTH PLAIN ${formsOf(DOWNSTREAM.user, DOWNSTREAM.password)[2]}`),
    'it was used',
  );
  assertClean('the log', router.logLines.join(''));
});

test('a plugin inherits nothing of the environment but harmless names', async () => {
  const directory = new TemporaryDirectory();
  const dump = directory.file('dump');
  const one = await MailSink.open();
  process.env['PLANTED_SECRET'] = 'planted-secret-4';
  const router = await TestRouter.start({
    sinks: [one],
    selector: 'dump',
    yaml: `selectors: { dump: { plugin: ${JSON.stringify(fixturePath('dump.ts'))}, env: { DUMP: ${JSON.stringify(dump)} } } }`,
  });
  try {
    const { env } = JSON.parse(readFileSync(dump, 'utf8')) as { readonly env: Record<string, string> };
    assert.equal(JSON.stringify(env).includes('planted-secret-4'), false);
    const harmless =
      /^(?:PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|SSL_CERT_FILE|SSL_CERT_DIR|DUMP|SMTP_ROUTER_PLUGIN|PLUGIN_\w+)$/;
    assert.deepEqual(
      Object.keys(env).filter((name) => !harmless.test(name)),
      [],
    );
  } finally {
    delete process.env['PLANTED_SECRET'];
    await router.stop();
    await one.close();
    directory.remove();
  }
});
