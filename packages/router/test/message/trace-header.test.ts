import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SessionFacts } from '../../src/message/message.ts';
import { formatTraceHeader } from '../../src/message/trace-header.ts';
import { recipient, sessionFacts } from '../support/test-message.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) };

function traceOf(session: Partial<SessionFacts> = {}, recipients = ['a@x.example']): string {
  const header = formatTraceHeader({
    hostname: 'router.example.com',
    messageId: '01h2x3',
    session: sessionFacts(session),
    recipients: recipients.map((address, id) => recipient(id, address)),
    receivedAt: Date.UTC(2026, 9, 2, 10, 5, 6),
  });
  return Buffer.from(header).toString('latin1');
}

test('The trace field names client, router, protocol, id, recipient and time (RFC 5321 §4.4)', () => {
  const trace = traceOf({
    helo: 'app.example',
    clientAddress: '192.0.2.1',
    isTls: true,
    isAuthenticated: true,
  });
  assert.equal(
    trace,
    'Received: from app.example ([192.0.2.1])\r\n' +
      ' by router.example.com with ESMTPSA\r\n' +
      ' id 01h2x3\r\n' +
      ' for <a@x.example>; Fri, 02 Oct 2026 10:05:06 +0000\r\n',
  );
});

const PROTOCOLS: readonly (readonly [string, Partial<SessionFacts>])[] = [
  ['SMTP', { isEsmtp: false }],
  ['ESMTP', {}],
  ['ESMTPS', { isTls: true }],
  ['ESMTPA', { isAuthenticated: true }],
  ['ESMTPSA', { isTls: true, isAuthenticated: true }],
];
for (const [name, session] of PROTOCOLS) {
  test(`The protocol is ${name} for ${JSON.stringify(session)} (RFC 3848)`, () => {
    assert.match(traceOf(session), new RegExp(` with ${name}\r\n`));
  });
}

test('The protocol is UTF8SMTP for mail with SMTPUTF8, and the field stays ASCII (RFC 6531 §4.3)', () => {
  const header = formatTraceHeader({
    hostname: 'router.example.com',
    messageId: '01h2x3',
    session: sessionFacts({ isTls: true, isAuthenticated: true }),
    recipients: [recipient(0, 'ü@x.example')],
    isSmtpUtf8: true,
    receivedAt: 0,
  });
  const trace = Buffer.from(header).toString('latin1');
  assert.match(trace, / with UTF8SMTPSA\r\n/);
  assert.match(trace, /^[\x20-\x7e\r\n]+$/);
});

test('Several recipients are not told of each other', () => {
  assert.doesNotMatch(traceOf({}, ['a@x.example', 'b@x.example']), / for /);
});

test('A recipient that is not plain ASCII is left out', () => {
  assert.doesNotMatch(traceOf({}, ['ü@x.example']), / for /);
  assert.doesNotMatch(traceOf({}, ['"a b"@x.example']), / for /);
});

test('An IPv6 client is written as an IPv6 literal, a mapped one as IPv4', () => {
  assert.match(traceOf({ clientAddress: '2001:db8::1' }), /\(\[IPv6:2001:db8::1\]\)/);
  assert.match(traceOf({ clientAddress: '::ffff:192.0.2.9' }), /\(\[192\.0\.2\.9\]\)/);
});

test('Mail handed in locally has neither client nor protocol', () => {
  assert.match(traceOf({ clientAddress: '', helo: '' }), /^Received: by router\.example\.com\r\n id /);
});

const HOSTILE = [
  'a b',
  'x\r\nBcc: victim@x.example',
  'a(b',
  'ü.example',
  '',
  '[1.2.3.4',
  'x;y',
  'a'.repeat(256),
];
for (const helo of HOSTILE) {
  test(`The HELO name ${JSON.stringify(helo.slice(0, 30))} is replaced by the address`, () => {
    assert.match(
      traceOf({ helo, clientAddress: '192.0.2.1' }),
      /^Received: from \[192\.0\.2\.1\] \(\[192\.0\.2\.1\]\)\r\n/,
    );
  });
}

test('Nothing a client says can break out of the field', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (helo, address) => {
      const lines = traceOf({ helo }, [address]).split('\r\n');
      assert.equal(lines.at(-1), '');
      assert.match(lines[0] ?? '', /^Received: /);
      for (const line of lines.slice(1, -1)) assert.match(line, /^ [\x20-\x7e]{1,900}$/);
    }),
    runs,
  );
});
