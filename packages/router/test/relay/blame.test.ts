import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpPhase } from '@smtp-router/smtp/client';
import {
  BLAME_EFFECTS,
  BLAME_TABLE,
  type BlameRule,
  effectOf,
  findBlameRule,
  type Hindrance,
} from '../../src/relay/blame.ts';

/** `phase`, then `code [enhanced] text` or an error code, then the row, its outcome and both columns. */
type Row = readonly [
  SmtpPhase,
  string,
  string,
  `${BlameRule['kind']} ${BlameRule['blame']}`,
  'next' | 'stop',
  'counts' | 'spares',
];

const ROWS: readonly Row[] = [
  ['dot', 'SMTP_REPLY_MALFORMED', 'nonsense after the dot', 'ambiguous downstream', 'stop', 'counts'],
  ['dot', 'ROUTER_CONNECTION_LOST', 'no answer after the dot', 'ambiguous network', 'stop', 'counts'],
  ['dot', 'ROUTER_REPLY_TIMEOUT', 'no answer after the dot', 'ambiguous network', 'stop', 'counts'],
  [
    'connect',
    'ROUTER_DOWNSTREAM_DOWN',
    'went down while the message waited (counted already)',
    'deferred downstream',
    'next',
    'counts',
  ],
  ['dot', 'ROUTER_DOWNSTREAM_CLOSED', 'no answer after the dot', 'ambiguous network', 'stop', 'counts'],
  ['mail', 'ROUTER_BUDGET_ENDED', 'the router stopped by itself', 'deferred router', 'stop', 'spares'],
  [
    'connect',
    'ROUTER_DOWNSTREAM_CLOSED',
    'the router stopped by itself',
    'deferred router',
    'stop',
    'spares',
  ],
  ['mail', 'ROUTER_SENDER_NOT_VERIFIED', 'may not send as this sender', 'failed identity', 'next', 'spares'],
  ['mail', 'ROUTER_FROM_NOT_REWRITABLE', 'may not send as this sender', 'failed identity', 'next', 'spares'],
  [
    'mail',
    'ROUTER_TOO_MANY_RECIPIENTS',
    'more recipients than one transaction may have',
    'deferred capability',
    'next',
    'spares',
  ],
  [
    'mail',
    'ROUTER_SIZE_EXCEEDED',
    'the message needs an extension that is not offered',
    'failed capability',
    'next',
    'spares',
  ],
  [
    'mail',
    'ROUTER_8BITMIME_NOT_OFFERED',
    'the message needs an extension that is not offered',
    'failed capability',
    'next',
    'spares',
  ],
  ['auth', 'SMTP_AUTH_NOT_OFFERED', 'no way to log in', 'deferred credentials', 'next', 'counts'],
  ['connect', 'ROUTER_CLEARTEXT_AUTH_REFUSED', 'no way to log in', 'deferred credentials', 'next', 'counts'],
  ['connect', 'ROUTER_CONNECT_FAILED', 'unreachable, silent or gone', 'deferred network', 'next', 'counts'],
  ['connect', 'ROUTER_DNS_FAILED', 'unreachable, silent or gone', 'deferred network', 'next', 'counts'],
  ['rcpt', 'ROUTER_REPLY_TIMEOUT', 'unreachable, silent or gone', 'deferred network', 'next', 'counts'],
  ['data', 'ROUTER_CONTENT_STALLED', 'unreachable, silent or gone', 'deferred network', 'next', 'counts'],
  ['data', 'ROUTER_CONNECTION_LOST', 'unreachable, silent or gone', 'deferred network', 'next', 'counts'],
  [
    'tls',
    'ROUTER_TLS_CERTIFICATE_EXPIRED',
    'bad certificate, no TLS, broken protocol',
    'deferred downstream',
    'next',
    'counts',
  ],
  [
    'ehlo',
    'SMTP_REPLY_TOO_LONG',
    'bad certificate, no TLS, broken protocol',
    'deferred downstream',
    'next',
    'counts',
  ],

  [
    'mail',
    '421 4.7.0 Try again later, closing connection',
    'Gmail, Microsoft: 421 4.7.x',
    'deferred throttle',
    'next',
    'counts',
  ],
  [
    'dot',
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    'over a quota, told as final',
    'deferred throttle',
    'next',
    'counts',
  ],
  [
    'connect',
    '421 4.3.2 The maximum number of concurrent connections has exceeded a limit',
    'asked to slow down',
    'deferred throttle',
    'next',
    'counts',
  ],
  ['mail', '451 4.7.500 Server busy', 'asked to slow down', 'deferred throttle', 'next', 'counts'],
  ['dot', '421 4.7.28 unusual rate', 'Gmail, Microsoft: 421 4.7.x', 'deferred throttle', 'next', 'counts'],
  [
    'dot',
    '454 Throttling failure: Maximum sending rate exceeded.',
    'asked to slow down',
    'deferred throttle',
    'next',
    'counts',
  ],
  ['mail', '451 4.4.4 Rate limit reached', 'asked to slow down', 'deferred throttle', 'next', 'counts'],
  [
    'rcpt',
    '450 4.2.1 too many messages for this user',
    'asked to slow down',
    'deferred throttle',
    'next',
    'counts',
  ],
  [
    'data',
    '550 5.4.5 Daily user sending limit exceeded',
    'Gmail: daily limit',
    'deferred throttle',
    'next',
    'counts',
  ],
  [
    'dot',
    '550 5.7.705 Access denied, tenant has exceeded threshold',
    'Microsoft: tenant or mailbox over its limit',
    'deferred throttle',
    'next',
    'counts',
  ],
  [
    'mail',
    '530 5.7.0 Authentication required',
    'login needed or refused',
    'deferred credentials',
    'next',
    'counts',
  ],
  [
    'auth',
    '535 5.7.8 Username and password not accepted',
    'login needed or refused',
    'deferred credentials',
    'next',
    'counts',
  ],
  [
    'auth',
    '534 5.7.9 Application-specific password required',
    'login needed or refused',
    'deferred credentials',
    'next',
    'counts',
  ],
  ['auth', '504 5.5.4 mechanism unknown', 'login refused', 'deferred credentials', 'next', 'counts'],
  ['mail', '421 4.3.2 shutting down', 'going away', 'deferred downstream', 'next', 'counts'],
  ['dot', '421 closing', 'going away', 'deferred downstream', 'next', 'counts'],
  [
    'greeting',
    '554 5.7.1 your address is listed',
    'not open for us',
    'deferred downstream',
    'next',
    'counts',
  ],
  ['ehlo', '550 bad name', 'not open for us', 'deferred downstream', 'next', 'counts'],
  [
    'auth',
    '454 4.7.0 temporary authentication failure',
    'not open for us',
    'deferred downstream',
    'next',
    'counts',
  ],
  ['starttls', '454 TLS not available', 'not open for us', 'deferred downstream', 'next', 'counts'],
  ['rcpt', '503 5.5.1 need MAIL', 'out of step', 'deferred downstream', 'next', 'counts'],
  [
    'rcpt',
    '554 5.7.1 <a@x.example>: Relay access denied',
    'will not relay for us',
    'failed identity',
    'next',
    'spares',
  ],
  ['mail', '550 5.7.0 Mail relay denied', 'will not relay for us', 'failed identity', 'next', 'spares'],
  [
    'dot',
    '554 Message rejected: Email address is not verified.',
    'sender is not ours',
    'failed identity',
    'next',
    'spares',
  ],
  [
    'dot',
    '550 The from address does not match a verified Sender Identity.',
    'sender is not ours',
    'failed identity',
    'next',
    'spares',
  ],
  [
    'dot',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'sender is not ours',
    'failed identity',
    'next',
    'spares',
  ],
  [
    'rcpt',
    '553 5.7.1 <a@x>: Sender address rejected: not owned by user b',
    'sender is not ours',
    'failed identity',
    'next',
    'spares',
  ],
  [
    'mail',
    '552 5.3.4 Message size exceeds fixed limit',
    'message too large',
    'failed capability',
    'next',
    'spares',
  ],
  ['dot', '552 5.3.4 too big', 'message too large', 'failed capability', 'next', 'spares'],
  [
    'dot',
    '554 5.6.3 Conversion required',
    'content needs an extension',
    'failed capability',
    'next',
    'spares',
  ],
  ['rcpt', '452 4.5.3 too many recipients', 'too many recipients', 'deferred capability', 'next', 'spares'],
  [
    'rcpt',
    '452 Too many recipients',
    'too many recipients, in words only',
    'deferred capability',
    'next',
    'spares',
  ],
  ['mail', '552 too large', 'size refused at MAIL', 'failed capability', 'next', 'spares'],
  ['mail', '555 5.5.4 unsupported parameter', 'parameter refused', 'failed capability', 'next', 'spares'],
  ['mail', '451 4.3.0 try later', 'not now, at MAIL', 'deferred downstream', 'next', 'counts'],
  ['mail', '550 5.1.0 sender rejected', 'sender refused', 'failed identity', 'next', 'spares'],
  ['mail', '501 5.1.7 bad sender', 'sender refused', 'failed identity', 'next', 'spares'],
  ['rcpt', '452 4.2.2 mailbox full', 'mailbox full', 'deferred recipient', 'stop', 'spares'],
  [
    'rcpt',
    '451 4.3.0 temporary lookup failure',
    'system trouble at RCPT',
    'deferred downstream',
    'next',
    'counts',
  ],
  ['rcpt', '452 out of storage', 'no storage at RCPT', 'deferred downstream', 'next', 'counts'],
  ['rcpt', '450 4.7.1 greylisted', 'recipient not now (greylisting)', 'deferred recipient', 'stop', 'spares'],
  ['rcpt', '550 5.1.1 no such user', 'recipient refused', 'failed recipient', 'stop', 'spares'],
  ['rcpt', '553 bad name', 'recipient refused', 'failed recipient', 'stop', 'spares'],
  ['dot', '452 4.2.2 over quota', 'mailbox, told after the dot', 'deferred recipient', 'stop', 'spares'],
  ['dot', '550 5.1.1 no such user', 'recipient, told after the dot', 'failed recipient', 'stop', 'spares'],
  ['dot', '451 4.6.0 content scan failed', 'content not now', 'deferred content', 'stop', 'spares'],
  [
    'dot',
    '451 4.3.0 queue file write error',
    'not now, at DATA or after the dot',
    'deferred downstream',
    'next',
    'counts',
  ],
  ['data', '451 try later', 'not now, at DATA or after the dot', 'deferred downstream', 'next', 'counts'],
  ['data', '554 5.7.1 refused', 'content refused', 'failed content', 'stop', 'spares'],
  ['dot', '554 5.7.1 spam', 'content refused', 'failed content', 'stop', 'spares'],
  ['dot', '354 go ahead', 'yes to what was no question', 'ambiguous downstream', 'stop', 'counts'],
  ['rcpt', '354 go ahead', 'anything else', 'deferred downstream', 'next', 'counts'],
];

for (const [phase, word, name, verdict, next, health] of ROWS) {
  test(`In ${phase}, ${word.slice(0, 60)}: ${verdict}, ${next}, ${health}`, () => {
    const rule = findBlameRule(hindranceOf(phase, word));
    assert.equal(rule.name, name);
    assert.equal(`${rule.kind} ${rule.blame}`, verdict);
    const effect = effectOf(rule);
    assert.equal(effect.isNextTried ? 'next' : 'stop', next);
    assert.equal(effect.countsAgainstHealth ? 'counts' : 'spares', health);
  });
}

test('Every row of the table is shown by an example', () => {
  const shown = new Set(ROWS.map(([, , name]) => name));
  const missing = BLAME_TABLE.map(({ name }) => name).filter((name) => !shown.has(name));
  assert.deepEqual(missing, []);
});

test('Names of rows are unique', () => {
  assert.equal(new Set(BLAME_TABLE.map(({ name }) => name)).size, BLAME_TABLE.length);
});

test('Both columns are those of the design', () => {
  const moving = Object.entries(BLAME_EFFECTS).filter(([, { isNextTried }]) => isNextTried);
  const counting = Object.entries(BLAME_EFFECTS).filter(([, { countsAgainstHealth }]) => countsAgainstHealth);
  assert.deepEqual(
    moving.map(([blame]) => blame),
    ['network', 'downstream', 'credentials', 'throttle', 'identity', 'capability'],
  );
  assert.deepEqual(
    counting.map(([blame]) => blame),
    ['network', 'downstream', 'credentials', 'throttle'],
  );
});

const PHASES: readonly SmtpPhase[] = [
  'connect',
  'tls',
  'greeting',
  'ehlo',
  'starttls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'dot',
  'rset',
  'quit',
];

test('Every reply and every error code has a row in every phase, and only the dot is ever ambiguous', () => {
  for (const phase of PHASES) {
    const words = Array.from({ length: 400 }, (_, index) => String(200 + index));
    for (const word of [...words, 'SMTP_X', 'ROUTER_CONNECTION_LOST', 'UNKNOWN']) {
      const { kind } = findBlameRule(hindranceOf(phase, word));
      assert.ok(kind !== 'ambiguous' || phase === 'dot', `${phase} ${word}`);
    }
  }
});

test('A failed login of ours is never a final refusal of the message (DESIGN: life of a message)', () => {
  const failed = BLAME_TABLE.filter(({ blame, kind }) => blame === 'credentials' && kind !== 'deferred');
  assert.deepEqual(failed, []);
});

function hindranceOf(phase: SmtpPhase, word: string): Hindrance {
  const [code = '', second = '', ...rest] = word.split(' ');
  if (!/^\d{3}$/.test(code)) return { phase, errorCode: word };
  const isEnhanced = /^\d\.\d+\.\d+$/.test(second);
  const reply = isEnhanced
    ? { code: Number(code), enhancedCode: second, lines: [rest.join(' ')] }
    : { code: Number(code), lines: [[second, ...rest].join(' ')] };
  return { phase, reply };
}
