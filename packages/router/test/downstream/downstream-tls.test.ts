import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptReport } from '../../src/downstream/attempt-report.ts';
import type { DownstreamOptions } from '../../src/downstream/downstream-options.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import { downstreamOptions, tlsFixture } from '../support/downstream-options.ts';
import { type Script, ScriptedDownstream, type ScriptedOptions } from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';

const CA = tlsFixture('ca.pem');
const LOGIN = { username: 'login', password: 'planted-secret' };

interface Case extends Partial<DownstreamOptions> {
  readonly server?: ScriptedOptions;
  readonly script?: Script;
}

interface Tried {
  readonly report: AttemptReport;
  readonly commands: readonly string[];
  readonly chunks: readonly string[];
}

async function attempt({ server: serverOptions, script, ...changes }: Case): Promise<Tried> {
  const server = await ScriptedDownstream.start(script ?? {}, serverOptions);
  const downstream = new SmtpDownstream(downstreamOptions(server.port, { host: 'localhost', ...changes }));
  const message = testMessage();
  try {
    const report = await downstream.attempt({
      message,
      recipients: message.envelope.forwardPaths,
      isAllOrNothing: true,
      deadlineAt: performance.now() + 30_000,
    });
    return { report, commands: server.commands, chunks: server.chunks };
  } finally {
    downstream.destroy();
    await server.stop();
  }
}

function codeOf({ report: { end } }: Tried): string {
  return end.kind === 'failed' ? end.code : `${end.kind} ${end.phase}`;
}

test('STARTTLS: a verified certificate, EHLO again, then the message', async () => {
  const tried = await attempt({ tls: 'starttls', caFile: CA, server: { certificate: 'good' } });
  assert.equal(codeOf(tried), 'replied dot');
  const verbs = tried.commands.map((line) => line.split(' ')[0]);
  assert.deepEqual(verbs.slice(0, 4), ['EHLO', 'STARTTLS', 'EHLO', 'MAIL']);
});

test('Implicit TLS: a verified certificate, then the message', async () => {
  const server = { certificate: 'good', isImplicitTls: true };
  assert.equal(codeOf(await attempt({ tls: 'implicit', caFile: CA, server })), 'replied dot');
});

test('A certificate may be made out to an IP address', async () => {
  const server = { certificate: 'good', isImplicitTls: true };
  assert.equal(
    codeOf(await attempt({ tls: 'implicit', host: '127.0.0.1', caFile: CA, server })),
    'replied dot',
  );
});

const BAD_CERTIFICATES = [
  ['expired', CA, 'ROUTER_TLS_CERTIFICATE_EXPIRED', /has expired/],
  ['wrong-name', CA, 'ROUTER_TLS_NAME_MISMATCH', /not made out to localhost/],
  ['self-signed', CA, 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', /self-signed certificate/],
  ['good', tlsFixture('self-signed.pem'), 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', /unknown authority/],
] as const;

for (const [certificate, caFile, code, message] of BAD_CERTIFICATES) {
  for (const tls of ['starttls', 'implicit'] as const) {
    test(`A certificate that is ${certificate} is refused with ${tls}: ${code}`, async () => {
      const server = { certificate, isImplicitTls: tls === 'implicit' };
      const tried = await attempt({ tls, caFile, server, credentials: LOGIN });
      assert.equal(codeOf(tried), code);
      const { end } = tried.report;
      assert.ok(end.kind === 'failed');
      assert.match(end.message, message);
      assert.match(end.message, /^Downstream ses \(127\.0\.0\.1:\d+\) has /);
      assert.equal(end.phase, 'tls');
      assert.equal(
        tried.commands.some((line) => line.startsWith('AUTH')),
        false,
      );
    });
  }
}

test('Without verification any certificate will do', async () => {
  const server = { certificate: 'self-signed' };
  assert.equal(codeOf(await attempt({ tls: 'starttls', isTlsVerified: false, server })), 'replied dot');
});

test('A ca_file that is missing or no PEM is named', async () => {
  for (const caFile of ['/nowhere/ca.pem', tlsFixture('make-certificates.sh')]) {
    const tried = await attempt({ tls: 'starttls', caFile, server: { certificate: 'good' } });
    assert.equal(codeOf(tried), 'ROUTER_TLS_CA_UNREADABLE');
  }
});

test('Implicit TLS on a plain-text port fails at once, with a hint in the catalogue', async () => {
  assert.equal(codeOf(await attempt({ tls: 'implicit', caFile: CA })), 'ROUTER_TLS_FAILED');
});

test('STARTTLS that is required but not offered ends the session before MAIL', async () => {
  const tried = await attempt({ tls: 'starttls' });
  assert.equal(tried.report.end.kind, 'failed');
  assert.equal(
    tried.commands.some((line) => line.startsWith('MAIL')),
    false,
  );
});

test('STARTTLS that is refused ends the session when it is required', async () => {
  const script = { STARTTLS: '454 4.7.0 TLS not available' };
  const tried = await attempt({ tls: 'starttls', caFile: CA, script, server: { certificate: 'good' } });
  assert.equal(tried.report.end.kind, 'failed');
  assert.equal(
    tried.commands.some((line) => line.startsWith('MAIL')),
    false,
  );
});

test('tls auto uses STARTTLS when it is offered', async () => {
  const tried = await attempt({ tls: 'auto', caFile: CA, server: { certificate: 'good' } });
  assert.ok(tried.commands.includes('STARTTLS'));
  assert.equal(codeOf(tried), 'replied dot');
});

test('tls auto goes without STARTTLS on this machine, login included', async () => {
  const tried = await attempt({ tls: 'auto', credentials: LOGIN });
  assert.equal(codeOf(tried), 'replied dot');
  assert.ok(tried.commands.some((line) => line.startsWith('AUTH')));
});

const ABROAD = { credentials: LOGIN, isPrivate: () => false };

test('A login is not sent in clear over a public network, and not one command is', async () => {
  const tried = await attempt({ tls: 'off', ...ABROAD });
  assert.equal(codeOf(tried), 'ROUTER_CLEARTEXT_AUTH_REFUSED');
  assert.deepEqual(tried.commands, []);
});

test('tls auto requires STARTTLS for a login over a public network', async () => {
  const tried = await attempt({ tls: 'auto', ...ABROAD });
  assert.equal(tried.report.end.kind, 'failed');
  assert.equal(
    tried.commands.some((line) => /^(AUTH|MAIL)/.test(line)),
    false,
  );
  const secured = await attempt({ tls: 'auto', ...ABROAD, caFile: CA, server: { certificate: 'good' } });
  assert.equal(codeOf(secured), 'replied dot');
});

test('A byte behind the answer to STARTTLS ends the session (RFC 3207, injection)', async () => {
  const script = { STARTTLS: '220 go ahead\r\n250 injected' };
  const tried = await attempt({ tls: 'starttls', caFile: CA, script, server: { certificate: 'good' } });
  assert.equal(tried.report.end.kind, 'failed');
  assert.equal(
    tried.commands.some((line) => line.startsWith('MAIL')),
    false,
  );
});

test('A login that is configured but not offered is never left out', async () => {
  const tried = await attempt({ tls: 'off', credentials: LOGIN, server: { keywords: ['PIPELINING'] } });
  assert.equal(codeOf(tried), 'SMTP_AUTH_NOT_OFFERED');
  assert.equal(
    tried.commands.some((line) => line.startsWith('MAIL')),
    false,
  );
});

test('No message of a failure holds the password', async () => {
  const scripts: readonly Script[] = [
    { AUTH: '535 5.7.8 no, not planted-secret' },
    { AUTH: { fault: 'drop' } },
    { AUTH: { fault: 'garbage' } },
  ];
  for (const script of scripts) {
    const { report } = await attempt({ tls: 'off', credentials: LOGIN, script });
    assert.equal(report.end.kind, 'failed');
    assert.doesNotMatch(JSON.stringify(report), /planted-secret|cGxhbnRlZC1zZWNyZXQ/);
  }
});
