import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownstreamOptions } from '../../src/downstream/downstream-options.ts';
import { tryDownstream } from '../../src/downstream/downstream-trial.ts';
import type { TrialStep } from '../../src/downstream/trial-step.ts';
import { downstreamOptions, tlsFixture } from '../support/downstream-options.ts';
import { type Script, ScriptedDownstream, type ScriptedOptions } from '../support/scripted-downstream.ts';
import { TestClock } from '../test-clock.ts';

const LOGIN = { username: 'login', password: 'planted-secret' };
const CA = tlsFixture('ca.pem');

interface Case extends Partial<DownstreamOptions> {
  readonly server?: ScriptedOptions;
  readonly script?: Script;
  readonly sender?: string;
}

interface Tried {
  readonly isOk: boolean;
  readonly steps: readonly TrialStep[];
  /** `name ok` or `name failed CODE`. */
  readonly words: readonly string[];
  readonly commands: readonly string[];
}

async function trial(
  { server: serverOptions, script, sender = 'a@example.com', ...changes }: Case,
  during: (server: ScriptedDownstream, steps: readonly TrialStep[]) => Promise<void> = async () => {},
): Promise<Tried> {
  const server = await ScriptedDownstream.start(script ?? {}, serverOptions);
  const steps: TrialStep[] = [];
  const downstream = downstreamOptions(server.port, { host: 'localhost', ...changes });
  try {
    const tried = tryDownstream({ downstream, sender, onStep: (step) => steps.push(step) });
    await during(server, steps);
    const isOk = await tried;
    const words = steps.map(({ name, isOk: good, code = '' }) => `${name} ${good ? 'ok' : `failed ${code}`}`);
    assert.doesNotMatch(JSON.stringify(steps), /planted-secret|cGxhbnRlZC1zZWNyZXQ/);
    assert.ok(!server.commands.includes('DATA') && !server.commands.some((line) => line.startsWith('RCPT')));
    return { isOk, steps, words, commands: server.commands };
  } finally {
    await server.stop();
  }
}

function detailOf({ steps }: Tried, name: string): string {
  return steps.findLast((step) => step.name === name)?.detail ?? '';
}

test('A good downstream with STARTTLS and AUTH: every step, nothing sent but MAIL and RSET', async () => {
  const tried = await trial({
    tls: 'starttls',
    caFile: CA,
    credentials: LOGIN,
    server: { certificate: 'good' },
  });
  assert.equal(tried.isOk, true);
  const names = tried.steps.map(({ name }) => name);
  assert.deepEqual(names, [
    'dns',
    'connect',
    'greeting',
    'ehlo',
    'starttls',
    'tls',
    'ehlo',
    'auth',
    'mail',
    'rset',
  ]);
  assert.match(detailOf(tried, 'dns'), /127\.0\.0\.1/);
  assert.match(detailOf(tried, 'connect'), /^to 127\.0\.0\.1 port \d+$/);
  assert.equal(detailOf(tried, 'greeting'), '220 scripted ESMTP');
  assert.match(detailOf(tried, 'ehlo'), /^PIPELINING, 8BITMIME, SIZE 10485760, .*AUTH PLAIN LOGIN$/);
  assert.match(
    detailOf(tried, 'tls'),
    /^TLSv1\.3; .+ by .+, \d+ days left; .+ by itself, \d+ days left; verified$/,
  );
  assert.equal(detailOf(tried, 'auth'), '235 2.7.0 welcome');
  assert.deepEqual(tried.commands.slice(-2), ['MAIL FROM:<a@example.com>', 'RSET']);
});

test('Implicit TLS comes before the greeting', async () => {
  const server = { certificate: 'good', isImplicitTls: true };
  const tried = await trial({ tls: 'implicit', caFile: CA, server });
  assert.deepEqual(tried.words, [
    'dns ok',
    'connect ok',
    'tls ok',
    'greeting ok',
    'ehlo ok',
    'auth ok',
    'mail ok',
    'rset ok',
  ]);
});

test('Without TLS and login the trial says so', async () => {
  const tried = await trial({ host: '127.0.0.1' });
  assert.deepEqual(tried.words, [
    'dns ok',
    'connect ok',
    'greeting ok',
    'ehlo ok',
    'tls ok',
    'auth ok',
    'mail ok',
    'rset ok',
  ]);
  assert.equal(detailOf(tried, 'tls'), 'none: everything is sent in clear');
  assert.equal(detailOf(tried, 'auth'), 'no login is configured');
});

for (const [certificate, code, detail] of [
  ['expired', 'ROUTER_TLS_CERTIFICATE_EXPIRED', /has expired: TLSv1\.3; .*EXPIRED \d+ days ago/],
  ['wrong-name', 'ROUTER_TLS_NAME_MISMATCH', /not made out to localhost: TLSv1\.3; /],
  ['self-signed', 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', /self-signed certificate: TLSv1\.3; /],
] as const) {
  test(`A certificate that is ${certificate} is shown and refused, the login not sent`, async () => {
    const server = { certificate };
    const tried = await trial({ tls: 'starttls', caFile: CA, credentials: LOGIN, server });
    assert.equal(tried.isOk, false);
    assert.equal(tried.words.at(-1), `tls failed ${code}`);
    assert.match(detailOf(tried, 'tls'), detail);
    assert.equal(
      tried.commands.some((line) => line.startsWith('AUTH')),
      false,
    );
  });
}

test('A certificate that need not be good is shown, and used', async () => {
  const server = { certificate: 'expired' };
  const tried = await trial({ tls: 'starttls', isTlsVerified: false, caFile: CA, server });
  assert.equal(tried.isOk, true);
  assert.match(
    detailOf(tried, 'tls'),
    /EXPIRED .*; not verified, and need not be: it has a certificate that has expired$/,
  );
});

const REFUSALS: readonly (readonly [string, Case, string])[] = [
  ['a greeting', { script: { connect: '554 go away' } }, 'greeting failed SMTP_GREETING_REFUSED'],
  ['EHLO and HELO', { script: { EHLO: '550 no' } }, 'ehlo failed SMTP_EHLO_REFUSED'],
  [
    'the login',
    { credentials: LOGIN, script: { AUTH: '535 5.7.8 not planted-secret' } },
    'auth failed SMTP_AUTH_REFUSED',
  ],
  [
    'a login nobody asked for',
    { credentials: LOGIN, server: { keywords: [] } },
    'auth failed SMTP_AUTH_NOT_OFFERED',
  ],
  ['STARTTLS', { tls: 'starttls' }, 'starttls failed SMTP_STARTTLS_NOT_OFFERED'],
  ['the sender', { script: { MAIL: '550 5.7.1 not verified' } }, 'mail failed '],
  ['RSET', { script: { RSET: '500 what' } }, 'rset failed '],
  ['a sender that is no address', { sender: 'a@b>\r\nRCPT TO:<c' }, 'mail failed '],
  ['a closed connection', { script: { MAIL: { fault: 'drop' } } }, 'mail failed ROUTER_CONNECTION_LOST'],
  ['garbage', { script: { MAIL: { fault: 'garbage' } } }, 'mail failed SMTP_REPLY_MALFORMED'],
  ['garbage at first', { script: { connect: { fault: 'garbage' } } }, 'greeting failed SMTP_REPLY_MALFORMED'],
  ['a reply without end', { script: { MAIL: { fault: 'endless' } } }, 'mail failed SMTP_REPLY_TOO_LONG'],
  ['TLS that is none', { tls: 'implicit' }, 'tls failed ROUTER_TLS_FAILED'],
  ['a name that nobody has', { host: 'nobody.invalid' }, 'dns failed ROUTER_DNS_FAILED'],
  [
    'a login in clear over a public network',
    { credentials: LOGIN, isPrivate: () => false },
    'tls failed ROUTER_CLEARTEXT_AUTH_REFUSED',
  ],
];

for (const [what, options, last] of REFUSALS) {
  test(`The trial ends at ${what}: ${last}`, async () => {
    const tried = await trial(options);
    assert.equal(tried.isOk, false);
    assert.equal(tried.words.at(-1), last);
  });
}

test('A closed port ends it at connect', async () => {
  const server = await ScriptedDownstream.start();
  const { port } = server;
  await server.stop();
  const tried = await trial({ port });
  assert.equal(tried.words.at(-1), 'connect failed ROUTER_CONNECT_FAILED');
});

for (const verb of ['connect', 'EHLO', 'AUTH', 'MAIL', 'RSET'] as const) {
  test(`Silence at ${verb} ends it after the time-out`, async () => {
    const clock = new TestClock();
    const options = { clock, credentials: LOGIN, script: { [verb]: { fault: 'hang' } } } as const;
    const tried = await trial(options, async (server, steps) => {
      await server.received(verb);
      // The server may know of the connection before the trial does.
      const isConnected = (): boolean => steps.some(({ name }) => name === 'connect');
      while (!isConnected() || clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(30_000);
    });
    assert.match(tried.words.at(-1) ?? '', / failed ROUTER_REPLY_TIMEOUT$/);
  });
}
