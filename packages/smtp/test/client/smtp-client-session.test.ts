import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmtpClientSession } from '../../src/client/smtp-client-session.ts';
import type { SmtpTransaction } from '../../src/client/smtp-transaction.ts';
import { SMTP_ERRORS } from '../../src/errors.ts';
import { bytesOf, cutBy, cuts, fuzzRuns, textOf } from '../support/chunks.ts';
import { ClientDriver, parseTransaction } from '../support/client-driver.ts';

const OPENING = [
  '220 mx\r\n',
  '250-mx\r\n250-PIPELINING\r\n250-SIZE 100\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n',
];

function ready(): ClientDriver {
  const driver = new ClientDriver({ heloName: 'c.example' });
  driver.feed(OPENING.map(bytesOf));
  assert.deepEqual(driver.events, ['ready']);
  driver.events.length = 0;
  driver.output = '';
  return driver;
}

test('Before EHLO nothing is known to be offered, afterwards what was', () => {
  const driver = new ClientDriver({ heloName: 'c.example' });
  assert.equal(driver.session.extensions.hasSize, false);
  driver.feed(OPENING.map(bytesOf));
  const { hasPipelining, hasSize, maxSizeBytes, has8bitMime, hasSmtpUtf8, hasDsn, hasChunking } =
    driver.session.extensions;
  assert.deepEqual(
    { hasPipelining, hasSize, maxSizeBytes, has8bitMime, hasSmtpUtf8, hasDsn, hasChunking },
    {
      hasPipelining: true,
      hasSize: true,
      maxSizeBytes: 100,
      has8bitMime: true,
      hasSmtpUtf8: true,
      hasDsn: true,
      hasChunking: false,
    },
  );
});

test('An answer that came before its question fails the session instead of being taken for it', () => {
  const driver = new ClientDriver({ heloName: 'c.example' });
  driver.feed([bytesOf('220 mx\r\n250 mx\r\n')]);
  assert.deepEqual(driver.events, ['session-failed ehlo SMTP_REPLY_UNEXPECTED']);
  assert.equal(driver.output, '');
});

test('Bytes behind the reply to STARTTLS fail the session (RFC 3207 §4, injection)', () => {
  const driver = new ClientDriver({ heloName: 'c.example' });
  driver.feed([
    bytesOf('220 mx\r\n'),
    bytesOf('250-mx\r\n250 STARTTLS\r\n'),
    bytesOf('220 Go\r\n250 evil\r\n'),
  ]);
  assert.deepEqual(driver.events, ['session-failed starttls SMTP_STARTTLS_INJECTION']);
});

test('Bytes in clear while TLS is being made fail the session, noticed or not', () => {
  for (const isNoticed of [true, false]) {
    const driver = new ClientDriver({ heloName: 'c.example' });
    driver.feed([bytesOf('220 mx\r\n'), bytesOf('250-mx\r\n250 STARTTLS\r\n'), bytesOf('220 Go\r\n')]);
    assert.equal(driver.session.phase, 'tls');
    driver.session.receive(bytesOf('2'));
    if (!isNoticed) driver.session.tlsStarted();
    driver.collect();
    assert.deepEqual(driver.events, ['tls-wanted', 'session-failed tls SMTP_STARTTLS_INJECTION']);
  }
});

test('What was offered in clear is forgotten with STARTTLS (RFC 3207 §4.2)', () => {
  const driver = new ClientDriver({ heloName: 'c.example' });
  driver.feed([
    bytesOf('220 mx\r\n'),
    bytesOf('250-mx\r\n250-SIZE 5\r\n250 STARTTLS\r\n'),
    bytesOf('220 Go\r\n'),
  ]);
  driver.perform('tlsStarted');
  assert.equal(driver.session.extensions.hasSize, false);
  driver.feed([bytesOf('250-mx\r\n250 STARTTLS\r\n')]);
  assert.deepEqual(driver.events, ['tls-wanted', 'ready']);
});

test('A long login is not put into the AUTH command (RFC 4954 §4)', () => {
  const credentials = { username: 'user', password: 'p'.repeat(500) };
  const driver = new ClientDriver({ heloName: 'c', isTls: true, credentials });
  driver.feed([bytesOf('220 mx\r\n'), bytesOf('250-mx\r\n250 AUTH PLAIN\r\n')]);
  assert.ok(driver.output.endsWith('AUTH PLAIN\r\n'));
  driver.feed([bytesOf('334 \r\n'), bytesOf('235 Yes\r\n')]);
  const blob = driver.output.split('\r\n').at(-2) ?? '';
  assert.equal(Buffer.from(blob, 'base64').toString(), `\0user\0${credentials.password}`);
  assert.deepEqual(driver.events, ['ready']);
});

test('A mechanism of the caller is spoken in its place (RFC 4422)', () => {
  const driver = new ClientDriver({
    heloName: 'c',
    isTls: true,
    credentials: { username: 'user', password: 'pass' },
    mechanisms: [
      {
        name: 'X-REVERSE',
        begin: ({ password }) => ({
          initialResponse: () => new Uint8Array(),
          respond: (challenge) => bytesOf(textOf(challenge) + [...password].reverse().join('')),
        }),
      },
    ],
  });
  driver.feed([
    bytesOf('220 mx\r\n'),
    bytesOf('250-mx\r\n250 AUTH PLAIN X-REVERSE\r\n'),
    bytesOf('334 YT8=\r\n'),
  ]);
  assert.equal(
    driver.output,
    `EHLO c\r\nAUTH X-REVERSE =\r\n${Buffer.from('a?ssap').toString('base64')}\r\n`,
  );
});

/** Values that no parser made: whatever they hold, no command is made of them. */
const UNSAFE: readonly Partial<SmtpTransaction>[] = [
  { reversePath: { address: 'a@b>\r\nRCPT TO:<evil@x' } },
  { reversePath: { address: 'a@b> SIZE=1' } },
  { reversePath: { address: 'a b@c' } },
  { reversePath: { address: 'ü@b' } },
  { recipients: [{ path: { address: '' }, parameters: [] }] },
  { recipients: [{ path: { address: 'c@d\n' }, parameters: [] }] },
  { recipients: [{ path: { address: 'c@d' }, parameters: [{ keyword: 'NOTIFY', value: 'NEVER\r\nDATA' }] }] },
  { mailParameters: [{ keyword: 'SIZE', value: '1 BODY=7BIT' }] },
  { mailParameters: [{ keyword: 'SIZE', value: '' }] },
  { mailParameters: [{ keyword: 'size=1\r\nX', value: '1' }] },
];

for (const part of UNSAFE) {
  test(`Nothing is sent of ${JSON.stringify(part)}`, () => {
    const driver = ready();
    const transaction = { ...parseTransaction('<a@b> -> <c@d>'), ...part };
    assert.throws(() => driver.session.begin(transaction), { code: 'SMTP_UNSAFE_ARGUMENT' });
    driver.collect();
    assert.equal(driver.output, '');
    driver.perform('begin <a@b> -> <c@d>');
    assert.ok(driver.output.startsWith('MAIL FROM:<a@b>\r\n'));
  });
}

test('The name for EHLO cannot hold a second command', () => {
  for (const heloName of ['', 'a b', 'a\r\nQUIT', 'ü', 'x'.repeat(256)]) {
    assert.throws(() => new SmtpClientSession({ heloName }), { code: 'SMTP_UNSAFE_ARGUMENT' });
  }
});

test('A parameter that is not offered is not sent', () => {
  const driver = new ClientDriver({ heloName: 'c' });
  driver.feed([bytesOf('220 mx\r\n'), bytesOf('250 mx\r\n')]);
  for (const text of [
    '<a@b> SIZE=1 -> <c@d>',
    '<a@b> BODY=8BITMIME -> <c@d>',
    '<a@b> SMTPUTF8 -> <c@d>',
    '<a@b> X=1 -> <c@d>',
  ]) {
    assert.throws(() => driver.perform(`begin ${text}`), { code: 'SMTP_PARAMETER_NOT_OFFERED' });
  }
});

test('A chunk behind the envelope needs CHUNKING and PIPELINING, and cannot be held back (RFC 3030)', () => {
  const begin = 'begin <a@b> -> <c@d> chunk=7';
  for (const offers of ['250 CHUNKING', '250 PIPELINING']) {
    const driver = new ClientDriver({ heloName: 'c' });
    driver.feed([bytesOf('220 mx\r\n'), bytesOf(`250-mx\r\n${offers}\r\n`)]);
    driver.output = '';
    assert.throws(() => driver.perform(begin), { code: 'SMTP_PARAMETER_NOT_OFFERED' });
    assert.equal(driver.output, '');
  }
  const driver = new ClientDriver({ heloName: 'c' });
  driver.feed([bytesOf('220 mx\r\n'), bytesOf('250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n')]);
  assert.throws(() => driver.perform(`${begin} hold`), { code: 'SMTP_ENGINE_MISUSE' });
  driver.perform(begin);
  assert.ok(driver.output.endsWith('MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 7 LAST\r\n'));
});

test('With a chunk behind the envelope the phase is that of the dot until a refusal is read', () => {
  const driver = new ClientDriver({ heloName: 'c' });
  driver.feed([bytesOf('220 mx\r\n'), bytesOf('250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n')]);
  driver.perform('begin <a@b> -> <c@d> chunk=7');
  assert.equal(driver.session.phase, 'dot');
  driver.feed([bytesOf('250 Ok\r\n')]);
  assert.equal(driver.session.phase, 'dot');
  driver.feed([bytesOf('550 Nobody\r\n')]);
  assert.equal(driver.session.phase, 'data');
  driver.feed([bytesOf('503 No\r\n')]);
  assert.equal(driver.session.phase, 'rset');
});

test('Addresses beyond ASCII are sent with SMTPUTF8, in UTF-8 (RFC 6531 §3.4)', () => {
  const driver = ready();
  driver.perform('begin <ü@b> SMTPUTF8 -> <c@ü.example>');
  assert.equal(driver.output, 'MAIL FROM:<ü@b> SMTPUTF8\r\nRCPT TO:<c@ü.example>\r\nDATA\r\n');
});

test('Calls that do not fit the state are a defect of the caller', () => {
  const fresh = new SmtpClientSession({ heloName: 'c' });
  const transaction = parseTransaction('<a@b> -> <c@d>');
  const misuse = { code: 'SMTP_ENGINE_MISUSE' };
  assert.throws(() => fresh.begin(transaction), misuse);
  assert.throws(() => fresh.sendData(), misuse);
  assert.throws(() => fresh.abort(), misuse);
  assert.throws(() => fresh.contentSent(), misuse);
  assert.throws(() => fresh.reset(), misuse);
  assert.throws(() => fresh.tlsStarted(), misuse);
  const { session } = ready();
  assert.throws(() => session.begin({ ...transaction, recipients: [] }), misuse);
  session.begin(transaction);
  assert.throws(() => session.begin(transaction), misuse);
  assert.throws(() => session.contentSent(), misuse);
  assert.throws(() => session.abort(), misuse);
  const held = ready();
  held.perform('begin <a@b> -> <c@d> hold').feed([bytesOf('250 Ok\r\n550 No\r\n')]);
  assert.throws(() => held.session.sendData(), misuse);
});

test('QUIT is said when nothing is under way only; afterwards nothing is read', () => {
  const idle = ready().perform('quit');
  assert.equal(idle.output, 'QUIT\r\n');
  assert.equal(idle.session.phase, 'quit');
  idle
    .feed([bytesOf('221 Bye\r\n')])
    .perform('end')
    .perform('quit');
  assert.deepEqual(idle.events, []);
  const busy = ready().perform('begin <a@b> -> <c@d>');
  busy.feed([bytesOf('250 Ok\r\n250 Ok\r\n354 Go\r\n')]).perform('quit');
  assert.ok(busy.output.endsWith('DATA\r\n'));
  const held = ready()
    .perform('begin <a@b> -> <c@d> hold')
    .feed([bytesOf('250 Ok\r\n250 Ok\r\n')]);
  assert.ok(held.perform('quit').output.endsWith('QUIT\r\n'));
});

test('Half a reply before a command fails the session and the command is not sent', () => {
  const cases: readonly (readonly [string, (driver: ClientDriver) => ClientDriver, string])[] = [
    ['begin <a@b> -> <c@d>', (driver) => driver, 'mail'],
    ['reset', (driver) => driver, 'rset'],
    [
      'sendData',
      (driver) => driver.perform('begin <a@b> -> <c@d> hold').feed([bytesOf('250 Ok\r\n250 Ok\r\n')]),
      'data',
    ],
    [
      'abort',
      (driver) => driver.perform('begin <a@b> -> <c@d> hold').feed([bytesOf('250 Ok\r\n250 Ok\r\n')]),
      'rset',
    ],
    [
      'contentSent',
      (driver) => driver.perform('begin <a@b> -> <c@d>').feed([bytesOf('250 Ok\r\n250 Ok\r\n354 \r\n')]),
      'dot',
    ],
  ];
  for (const [action, prepare, phase] of cases) {
    const driver = prepare(ready());
    const { output } = driver;
    driver.feed([bytesOf('2')]).perform(action);
    assert.equal(driver.output, output, action);
    assert.equal(driver.events.at(-1), `session-failed ${phase} SMTP_REPLY_UNEXPECTED`);
  }
});

test('A failed session takes every further call and stays silent', () => {
  const driver = new ClientDriver({ heloName: 'c' }).feed([bytesOf('554 No\r\n')]);
  driver.perform('begin <a@b> -> <c@d>');
  for (const action of ['sendData', 'abort', 'contentSent', 'reset', 'tlsStarted', 'quit', 'end'])
    driver.perform(action);
  driver.feed([bytesOf('250 Ok\r\n')]);
  assert.deepEqual(driver.events, ['session-failed greeting SMTP_GREETING_REFUSED 554']);
  assert.equal(driver.output, '');
});

test('Neither password nor its base64 is in any event', () => {
  const credentials = { username: 'user', password: 's3cr3t-pw' };
  for (const reply of ['535 5.7.8 No\r\n', '334 !\r\n', '999\r\n', '421 Bye\r\n', '235 Ok\r\n']) {
    const session = new SmtpClientSession({ heloName: 'c', isTls: true, credentials });
    const events: string[] = [];
    for (const text of ['220 mx\r\n', '250-mx\r\n250 AUTH PLAIN LOGIN\r\n', reply]) {
      session.receive(bytesOf(text));
      for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent())
        events.push(JSON.stringify(event));
    }
    const blob = Buffer.from(`\0user\0${credentials.password}`).toString('base64');
    for (const secret of [credentials.password, blob]) assert.ok(!events.join('').includes(secret));
  }
});

const fragment = fc.oneof(
  fc.constantFrom(
    ...[
      '220 mx\r\n',
      '250 Ok\r\n',
      '250 Ok\r\n',
      '250 Ok\r\n',
      '354 Go\r\n',
      '334 \r\n',
      '235 Ok\r\n',
      '421 Bye\r\n',
    ],
    ...[
      '450 Later\r\n',
      '550 No\r\n',
      '250-mx\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n',
      '220 Go\r\n',
    ],
    ...['250-', '2', '\r', '\n', '\r\n', '\0', '\xff', '999 x\r\n', '250-a\r\n550 b\r\n'],
  ),
  fc.uint8Array({ maxLength: 8 }).map(textOf),
);

/** Goes on as a caller would, for as long as the session lets it. */
function playAlong(driver: ClientDriver, chunks: Iterable<Uint8Array>): void {
  let seen = 0;
  for (const chunk of chunks) {
    driver.feed([chunk]);
    while (seen < driver.events.length) {
      const event = driver.events[seen] ?? '';
      seen += 1;
      if (event === 'ready')
        driver.perform(seen % 2 === 0 ? 'begin <a@b> -> <c@d> <e@f> hold' : 'begin <a@b> -> <c@d>');
      if (event === 'envelope-end') driver.perform('abort');
      if (event === 'content-wanted') driver.perform('contentSent');
      if (event === 'tls-wanted') driver.perform('tlsStarted');
    }
  }
  driver.perform('end');
}

test('Whatever a server sends, the session goes on in order or fails once, and never throws', () => {
  const options = {
    heloName: 'c',
    credentials: { username: 'u', password: 'p' },
    isPlaintextAuthAllowed: true,
  };
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 25 }), fc.boolean(), cuts, (parts, withLogin, sizes) => {
      const driver = new ClientDriver(withLogin ? options : { heloName: 'c' });
      const bytes = bytesOf(parts.join(''));
      playAlong(driver, cutBy(bytes, sizes));
      const failures = driver.events.filter((event) => event.startsWith('session-failed'));
      assert.equal(failures.length, 1);
      assert.equal(driver.events.at(-1), failures[0]);
      assert.ok((failures[0]?.split(' ')[2] ?? '') in SMTP_ERRORS, failures[0]);
      assert.ok(driver.output.length <= 100 * (bytes.length + 1), 'output is bounded');
      assert.match(driver.output, /^(?:[ -~]*\r\n)*$/);
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});

test('Replies that come one by one lead to the same in any cuts', () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 15 }), (parts) => {
      const whole = new ClientDriver({ heloName: 'c' });
      const single = new ClientDriver({ heloName: 'c' });
      const replies = parts.filter((part) => /^[2-5]\d\d [^\r\n]*\r\n$/.test(part)).map(bytesOf);
      playAlong(whole, replies);
      playAlong(
        single,
        replies.flatMap((reply) => [reply.subarray(0, 2), reply.subarray(2)]),
      );
      assert.deepEqual([single.output, single.events], [whole.output, whole.events]);
    }),
    { numRuns: fuzzRuns() },
  );
});
