import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SMTP_ERRORS } from '../../src/errors.ts';
import type { SmtpReply } from '../../src/grammar/reply.ts';
import type { SmtpServerOptions } from '../../src/server/server-options.ts';
import { SmtpServerSession } from '../../src/server/smtp-server-session.ts';
import { byteByByte, bytesOf, cutBy, cuts, fuzzRuns, textOf } from '../support/chunks.ts';
import { runServer, ServerDriver } from '../support/server-driver.ts';

const OK: SmtpReply = { code: 250, lines: ['Ok'] };
const OPTIONS: SmtpServerOptions = { hostname: 'mx.example', auth: ['PLAIN', 'LOGIN'] };
const CHUNKED = 'EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 4\r\nab\r\nBDAT 2 LAST\r\n\nc';
const ENVELOPE = 'EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n';

function open(options: SmtpServerOptions = OPTIONS): SmtpServerSession {
  const session = new SmtpServerSession(options);
  session.greet();
  session.takeOutput();
  return session;
}

test('A question stops the engine: nothing behind it is read before the answer', () => {
  const session = open();
  session.receive(bytesOf('EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nQUIT\r\n'));
  assert.equal(session.nextEvent()?.kind, 'hello');
  assert.equal(session.nextEvent()?.kind, 'mail');
  assert.equal(session.phase, 'answer');
  assert.equal(session.nextEvent(), undefined);
  session.answer(OK);
  assert.equal(session.nextEvent()?.kind, 'rcpt');
});

test('A command line without end is not kept, and ends the session after 64 KiB, in AUTH too', () => {
  for (const begin of ['EHLO ', 'EHLO c\r\nAUTH LOGIN\r\n', 'EHLO c\r\nAUTH PLAIN ']) {
    const driver = new ServerDriver(OPTIONS).feed([bytesOf(begin)]);
    const piece = bytesOf('x'.repeat(1_000));
    for (let fed = 0; fed < 65; fed += 1) driver.feed([piece]);
    assert.equal(driver.session.phase, 'command');
    driver.feed([piece, piece, bytesOf('\r\nQUIT\r\n')]);
    assert.equal(driver.session.phase, 'closed');
    assert.match(driver.output, /\r\n500 5\.5\.6 Line too long\r\n$/);
  }
});

test('Recipients beyond the limit are put off one by one and are no mistakes (RFC 5321 §4.5.3.1.10)', () => {
  const driver = new ServerDriver({ ...OPTIONS, maxRecipients: 1, maxErrors: 3 });
  driver.feed([bytesOf(`EHLO c\r\nMAIL FROM:<a@b>\r\n${'RCPT TO:<c@d>\r\n'.repeat(50)}DATA\r\nx\r\n.\r\n`)]);
  assert.equal(driver.output.match(/^452 4\.5\.3 /gm)?.length, 49);
  assert.match(driver.output, /\r\n250 2\.0\.0 Taken\r\n$/);
});

test('The replies to a pipelined envelope leave in one piece (RFC 2920 §3.2)', () => {
  const session = open();
  session.receive(bytesOf(ENVELOPE));
  session.nextEvent();
  session.takeOutput();
  for (const kind of ['mail', 'rcpt', 'data']) {
    assert.equal(session.nextEvent()?.kind, kind);
    session.answer(kind === 'data' ? { code: 354, lines: ['Go'] } : OK);
  }
  assert.equal(session.takeOutput(), '250 Ok\r\n250 Ok\r\n354 Go\r\n');
  assert.equal(session.takeOutput(), undefined);
  assert.equal(session.phase, 'content');
});

test('Any positive answer to DATA is sent as 354', () => {
  const driver = new ServerDriver(OPTIONS, [OK, OK, OK]).feed([bytesOf(ENVELOPE)]);
  assert.match(driver.output, /\r\n354 End data with <CR><LF>\.<CR><LF>\r\n$/);
});

test('Content passes as a view of what was received', () => {
  const session = open();
  session.receive(bytesOf(ENVELOPE));
  for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
    if (event.kind !== 'hello') session.answer(event.kind === 'data' ? { code: 354, lines: [''] } : OK);
  }
  const chunk = bytesOf('a line\r\nanother');
  session.receive(chunk);
  const event = session.nextEvent();
  assert.equal(event?.kind === 'content' && event.bytes.buffer, chunk.buffer);
});

test('A fault of content is refused by its own reply, whatever the caller answers', () => {
  const { output, events } = runServer(OPTIONS, [bytesOf(`${ENVELOPE}a\0b\r\n.\r\nNOOP\r\n`)]);
  assert.match(output, /550 5\.6\.0 Message holds a NUL byte\r\n250 2\.0\.0 Ok\r\n$/);
  assert.equal(events.at(-1), 'content-end 5 nul');
});

test('Answers that fit no question are a defect of the caller', () => {
  const session = open();
  assert.throws(() => session.answer(OK), { code: 'SMTP_ENGINE_MISUSE' });
  assert.throws(() => session.greet(), { code: 'SMTP_ENGINE_MISUSE' });
  assert.throws(() => session.tlsStarted(), { code: 'SMTP_ENGINE_MISUSE' });
  session.receive(bytesOf('EHLO c\r\nMAIL FROM:<a@b>\r\n'));
  session.nextEvent();
  session.nextEvent();
  for (const code of [354, 150, 600]) {
    assert.throws(() => session.answer({ code, lines: [''] }), { code: 'SMTP_ENGINE_MISUSE' });
  }
  session.answer(OK);
  assert.throws(() => session.answer(OK), { code: 'SMTP_ENGINE_MISUSE' });
});

test('Bytes behind STARTTLS end the session before it says 220 (RFC 3207 §4, injection)', () => {
  const options = { ...OPTIONS, isStartTlsOffered: true };
  const { output, events } = runServer(options, [bytesOf('EHLO c\r\nSTARTTLS\r\nRSET\r\n')]);
  assert.match(output, /\r\n554 5\.5\.1 Nothing may follow STARTTLS before TLS\r\n$/);
  assert.deepEqual(events.slice(-2), ['protocol-error SMTP_STARTTLS_INJECTION', 'close starttls-injection']);
});

test('Bytes in clear after 220 to STARTTLS end the session too', () => {
  const options = { ...OPTIONS, isStartTlsOffered: true };
  const driver = new ServerDriver(options).feed([bytesOf('EHLO c\r\nSTARTTLS\r\n')]);
  assert.equal(driver.session.phase, 'tls');
  driver.feed([bytesOf('RSET\r\n')]);
  assert.equal(driver.events.at(-1), 'close starttls-injection');
  assert.equal(driver.session.phase, 'closed');
});

test('STARTTLS forgets everything: greeting, login, offers (RFC 3207 §4.2)', () => {
  const driver = new ServerDriver({ ...OPTIONS, isStartTlsOffered: true });
  driver.feed([bytesOf('EHLO c\r\nAUTH PLAIN AHVzZXIAcGFzcw==\r\nSTARTTLS\r\n')]);
  driver.tlsStarted();
  driver.feed([bytesOf('AUTH PLAIN AHVzZXIAcGFzcw==\r\nEHLO c\r\nAUTH PLAIN AHVzZXIAcGFzcw==\r\n')]);
  assert.deepEqual(driver.events.slice(-3), [
    'protocol-error SMTP_COMMAND_SEQUENCE',
    'hello EHLO c',
    'auth PLAIN user pass',
  ]);
});

test('A shutdown says the last word in any phase, and nothing is read behind it', () => {
  const closing: SmtpReply = { code: 421, enhancedCode: '4.3.2', lines: ['Closing'] };
  for (const sent of ['', 'EHLO c\r\n', 'EHLO c\r\nMAIL FROM:<a@b>\r\n', ENVELOPE, `${ENVELOPE}half a li`]) {
    const driver = new ServerDriver(OPTIONS).feed([bytesOf(sent)]);
    driver.session.shutdown(closing);
    driver.session.shutdown(closing);
    driver.feed([bytesOf('\r\n.\r\nNOOP\r\n')]);
    assert.ok(driver.output.endsWith('421 4.3.2 Closing\r\n'));
    assert.equal(driver.events.at(-1), 'close shutdown');
  }
});

test('An open question ends with a shutdown', () => {
  const session = open();
  session.receive(bytesOf('EHLO c\r\nMAIL FROM:<a@b>\r\n'));
  session.nextEvent();
  session.nextEvent();
  session.shutdown({ code: 421, lines: ['Closing'] });
  assert.equal(session.phase, 'closed');
  assert.throws(() => session.answer(OK), { code: 'SMTP_ENGINE_MISUSE' });
});

test('The count of errors begins anew with every accepted message', () => {
  const message = 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n';
  const { events } = runServer({ ...OPTIONS, maxErrors: 2 }, [
    bytesOf(`EHLO c\r\n${`FOO\r\n${message}`.repeat(5)}`),
  ]);
  assert.equal(events.filter((event) => event.startsWith('content-end')).length, 5);
  assert.equal(events.at(-1), 'content-end 3');
});

test('No secret comes back in a reply or a report, wherever a client puts it', () => {
  const secret = 'c2VjcmV0';
  const sessions = [
    `AUTH PLAIN ${secret}\r\n`,
    `EHLO c\r\nAUTH FOO ${secret}\r\n`,
    `EHLO c\r\nAUTH PLAIN ${secret}\r\n`,
    `EHLO c\r\n${secret}\r\n`,
    `EHLO c\r\nAUTH LOGIN\r\n*\r\n${secret}\r\n`,
    `EHLO c\r\nAUTH LOGIN ${secret}\r\n!${secret}\r\n`,
    `EHLO c\r\nMAIL FROM:${secret}\r\n`,
    `EHLO c\r\nNOOP ${secret}\r\nVRFY ${secret}\r\nRSET ${secret}\r\n`,
  ];
  for (const text of sessions) {
    const session = new SmtpServerSession(OPTIONS);
    session.receive(bytesOf(text));
    const reports: string[] = [];
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      reports.push(JSON.stringify(event));
    }
    assert.ok(!`${session.takeOutput()}${reports.join('')}`.includes(secret), text);
  }
});

test('Every reported error is in the catalogue', () => {
  const text =
    'FOO\r\n\t\r\nMAIL\r\nEHLO\r\nEHLO c\r\nMAIL x\r\nMAIL FROM:<a@b> X=1\r\nAUTH X\r\nAUTH PLAIN x\r\nA\n';
  const codes = runServer(OPTIONS, [bytesOf(text)]).events.filter((event) =>
    event.startsWith('protocol-error'),
  );
  assert.equal(codes.length, 9);
  for (const code of codes) assert.ok(code.slice('protocol-error '.length) in SMTP_ERRORS, code);
});

/** Lines and fragments that reach every corner of the engine. */
const fragment = fc.oneof(
  fc.constantFrom(
    ...[
      'EHLO c\r\n',
      'HELO c\r\n',
      'MAIL FROM:<a@b>\r\n',
      'RCPT TO:<c@d>\r\n',
      'DATA\r\n',
      '.\r\n',
      '..\r\n',
      'RSET\r\n',
    ],
    ...[
      'AUTH PLAIN\r\n',
      'AUTH LOGIN\r\n',
      'dXNlcg==\r\n',
      'AHVzZXIAcGFzcw==\r\n',
      '*\r\n',
      '=\r\n',
      'QUIT\r\n',
      'NOOP\r\n',
    ],
    ...[
      'HELP\r\n',
      'VRFY x\r\n',
      'text\r\n',
      '\r',
      '\n',
      '\r\n',
      '.',
      '\0',
      '\xff',
      ' ',
      'x'.repeat(50),
      '<',
      '>',
      ':',
    ],
    ...[`${ENVELOPE}a message\r\n.\r\n`, ENVELOPE],
    ...['BDAT 0\r\n', 'BDAT 5\r\n', 'BDAT 7 LAST\r\n', 'BDAT 99\r\n', 'BDAT x\r\n', CHUNKED],
  ),
  fc.uint8Array({ maxLength: 12 }).map(textOf),
);
const stream = fc.array(fragment, { maxLength: 25 }).map((parts) => bytesOf(parts.join('')));
const LIMITED: SmtpServerOptions = {
  ...OPTIONS,
  isChunkingOffered: true,
  maxMessageBytes: 60,
  maxRecipients: 2,
  maxCommandLineBytes: 48,
  maxAuthLineBytes: 64,
  maxErrors: 6,
};

test('Any bytes in any cuts lead to the same events and output, and never to an exception', () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, sizes) => {
      const whole = runServer(LIMITED, [bytes]);
      const cut = runServer(LIMITED, cutBy(bytes, sizes));
      assert.equal(cut.output, whole.output);
      assert.deepEqual(cut.events, whole.events);
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});

test('Any bytes one by one lead to the same as at once', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      const whole = runServer(LIMITED, [bytes]);
      const single = runServer(LIMITED, byteByByte(bytes));
      assert.deepEqual([single.output, single.events], [whole.output, whole.events]);
    }),
    { numRuns: fuzzRuns() },
  );
});

test('Output is bounded by input: no reply is longer than a reply to EHLO per command', () => {
  const longest = runServer(LIMITED, [bytesOf('EHLO c\r\n')]).output.length;
  fc.assert(
    fc.property(stream, (bytes) => {
      const { output } = runServer(LIMITED, [bytes]);
      assert.ok(output.length <= longest * (bytes.length / 2 + 2), `${output.length} of ${bytes.length}`);
      assert.match(output, /^(?:[2-5]\d\d[ -][\x20-\x7e]{0,506}\r\n)+$/);
    }),
    { numRuns: fuzzRuns() },
  );
});

test('After the end of a session nothing more comes', () => {
  fc.assert(
    fc.property(stream, stream, (before, after) => {
      const driver = new ServerDriver(LIMITED).feed([before, bytesOf('\r\n.\r\n'), bytesOf('QUIT\n')]);
      if (driver.session.phase !== 'closed') return;
      const { output, events } = driver.trace;
      const count = events.length;
      driver.feed([after]);
      assert.equal(driver.output, output);
      assert.equal(driver.events.length, count);
    }),
    { numRuns: fuzzRuns() },
  );
});
