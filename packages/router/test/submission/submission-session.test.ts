import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { ContentFault } from '@smtp-router/smtp/server';
import fc from 'fast-check';
import type { MessageIntake } from '../../src/delivery/message-intake.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import type { SessionHandler } from '../../src/listener/session-handler.ts';
import type { Message } from '../../src/message/message.ts';
import type { Authenticator } from '../../src/submission/authenticator.ts';
import { GuessingBrake } from '../../src/submission/guessing-brake.ts';
import { PasswordAuthenticator } from '../../src/submission/password-authenticator.ts';
import { SenderPolicy } from '../../src/submission/sender-policy.ts';
import { createSubmissionHandler } from '../../src/submission/submission-handler.ts';
import type { SubmissionOptions } from '../../src/submission/submission-options.ts';
import { TestClock } from '../test-clock.ts';

const PASSWORD = 'S3CRET-of-app';
const RELAYED: SmtpReply = { code: 250, enhancedCode: '2.0.0', lines: ['Ok: relayed'] };

/** Keeps what it is given as text, since bodies are released behind it. */
class RecordingIntake implements MessageIntake {
  readonly messages: Message[] = [];
  readonly contents: string[] = [];
  answer: () => Promise<SmtpReply> = async () => RELAYED;

  accept(message: Message): Promise<SmtpReply> {
    this.messages.push(message);
    const pieces = message.body.read();
    assert.ok(Array.isArray(pieces));
    this.contents.push(Buffer.concat(pieces).toString('latin1'));
    return this.answer();
  }
}

interface SetUp {
  readonly options?: Partial<SubmissionOptions>;
  readonly clientAddress?: string;
}

function setUp({ options = {}, clientAddress = '192.0.2.7' }: SetUp = {}) {
  const intake = new RecordingIntake();
  const events: RouterEvent[] = [];
  const factory = createSubmissionHandler(
    {
      hostname: 'router.example.com',
      authenticator: new PasswordAuthenticator([{ email: 'App@Example.com', password: PASSWORD }]),
      isAuthOffered: true,
      limits: { messageSizeBytes: 100_000, recipients: 3 },
      clock: new TestClock(),
      ...options,
    },
    intake,
    { emit: (event) => events.push(event) },
  );
  const handler = factory({ sessionId: 's1', listener: '127.0.0.1:25', clientAddress, isTls: false });
  handler.hello('client.example', 'EHLO');
  return { handler, intake, events };
}

function login(handler: SessionHandler, username = 'app@example.com', password = PASSWORD) {
  return handler.auth({ kind: 'auth', mechanism: 'PLAIN', username, password });
}

function logIn(handler: SessionHandler): void {
  assert.equal(codeOf(login(handler)), 235);
}

function envelope(handler: SessionHandler, ...recipients: readonly string[]): void {
  assert.equal(codeOf(handler.mail({ kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] })), 250);
  for (const address of recipients) {
    assert.equal(codeOf(handler.rcpt({ kind: 'rcpt', forwardPath: { address }, parameters: [] })), 250);
  }
}

function content(handler: SessionHandler, ...pieces: readonly string[]): void {
  assert.equal(codeOf(handler.data()), 354);
  for (const piece of pieces) assert.equal(handler.content(Buffer.from(piece, 'latin1')), undefined);
}

function end(handler: SessionHandler, fault?: ContentFault) {
  const sizeBytes = 1;
  return handler.contentEnd(
    fault === undefined ? { kind: 'content-end', sizeBytes } : { kind: 'content-end', sizeBytes, fault },
  );
}

function codeOf(answer: SmtpReply | Promise<SmtpReply>): number {
  assert.ok(!(answer instanceof Promise));
  return answer.code;
}

function textOf(answer: SmtpReply | Promise<SmtpReply>): string {
  assert.ok(!(answer instanceof Promise));
  return answer.lines.join(' ');
}

function isReleased(message: Message | undefined): boolean {
  try {
    message?.body.read();
    return false;
  } catch {
    return true;
  }
}

test('a message after login reaches the intake with envelope, trace field and session facts', async () => {
  const { handler, intake } = setUp();
  assert.equal(codeOf(login(handler)), 235);
  envelope(handler, 'b@y', '"c d"@z');
  content(handler, 'Subject: x\r\n', '\r\nbody\r\n');
  assert.deepEqual(await end(handler), RELAYED);
  const [message] = intake.messages;
  assert.equal(message?.id, 's1-1');
  assert.deepEqual(
    message?.envelope.forwardPaths.map(({ id, path }) => [id, path.address]),
    [
      [0, 'b@y'],
      [1, '"c d"@z'],
    ],
  );
  assert.deepEqual(message?.session, {
    sessionId: 's1',
    listener: '127.0.0.1:25',
    clientAddress: '192.0.2.7',
    helo: 'client.example',
    isTls: false,
    isEsmtp: true,
    isAuthenticated: true,
    user: 'App@Example.com',
  });
  assert.match(
    intake.contents[0] ?? '',
    /^Received: from client\.example \(\[192\.0\.2\.7\]\)\r\n by router\.example\.com with ESMTPA\r\n id s1-1; [^\r]+\r\nSubject: x\r\n\r\nbody\r\n$/,
  );
});

test('a second message of a session has an id of its own', async () => {
  const { handler, intake } = setUp();
  logIn(handler);
  for (let count = 0; count < 2; count += 1) {
    envelope(handler, 'b@y');
    content(handler, '\r\n');
    await end(handler);
  }
  assert.deepEqual(
    intake.messages.map(({ id }) => id),
    ['s1-1', 's1-2'],
  );
});

test('nobody sends before AUTH: 530 where AUTH is offered, 550 where it is not', () => {
  const mail = { kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] } as const;
  assert.equal(codeOf(setUp().handler.mail(mail)), 530);
  assert.equal(codeOf(setUp({ options: { isAuthOffered: false } }).handler.mail(mail)), 550);
});

test('clients of trusted networks send without AUTH as the configured user, others do not', async () => {
  const options = {
    anonymous: { user: 'app@example.com', networks: ['10.0.0.0/8', '127.0.0.1', '2001:db8::/32'] },
  };
  for (const clientAddress of ['10.9.8.7', '127.0.0.1', '2001:db8::1']) {
    const { handler, intake } = setUp({ options, clientAddress });
    envelope(handler, 'b@y');
    content(handler, '\r\n');
    await end(handler);
    assert.equal(intake.messages[0]?.session.user, 'app@example.com');
    assert.equal(intake.messages[0]?.session.isAuthenticated, false);
  }
  for (const clientAddress of ['11.0.0.1', '127.0.0.2', '2001:db9::1', 'unknown', '', 'fe80::1%eth0']) {
    const { handler } = setUp({ options, clientAddress });
    const mail = { kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] } as const;
    assert.equal(codeOf(handler.mail(mail)), 530, clientAddress);
  }
});

test('the third failed login ends the session with 421, an unknown user counts like a wrong password', () => {
  const { handler, events } = setUp();
  assert.equal(codeOf(login(handler, 'app@example.com', 'wrong')), 535);
  assert.equal(codeOf(login(handler, 'nobody@example.com')), 535);
  assert.equal(codeOf(login(handler, 'app@example.com', '')), 421);
  assert.deepEqual(
    events.map((event) => event.kind === 'authentication-ended' && [event.user, event.isAccepted]),
    [
      ['app@example.com', false],
      ['nobody@example.com', false],
      ['app@example.com', false],
    ],
  );
});

test('names of object properties are no users', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal(codeOf(login(setUp().handler, name)), 535);
  }
});

test('an authenticator may answer later, and one that fails costs 454 and no login', async () => {
  const later: Authenticator = {
    authenticate: async () => ({ kind: 'accepted', user: 'app@example.com' }),
  };
  const first = setUp({ options: { authenticator: later } });
  assert.equal((await login(first.handler)).code, 235);
  envelope(first.handler, 'b@y');
  for (const authenticate of [
    () => Promise.reject(new Error(PASSWORD)),
    () => {
      throw new Error(PASSWORD);
    },
  ]) {
    const { handler, events } = setUp({ options: { authenticator: { authenticate } } });
    assert.equal((await login(handler)).code, 454);
    const mail = { kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] } as const;
    assert.equal(codeOf(handler.mail(mail)), 530);
    assert.deepEqual(
      events.map((event) => event.kind),
      ['internal-fault'],
    );
    assert.doesNotMatch(JSON.stringify(events), /S3CRET/);
  }
});

test('a login that found no place in the line is answered 454, told as such, and is no failure', () => {
  const authenticator: Authenticator = { authenticate: () => ({ kind: 'busy' }) };
  const { handler, events } = setUp({ options: { authenticator } });
  for (let count = 0; count < 5; count += 1) assert.equal(codeOf(login(handler)), 454);
  for (const event of events) {
    assert.ok(event.kind === 'authentication-ended');
    assert.deepEqual([event.isAccepted, event.unchecked], [false, 'busy']);
  }
});

test('where guessing is braked a failure is told late, a right password at once', async () => {
  const clock = new TestClock();
  const brake = new GuessingBrake(clock);
  const { handler } = setUp({ options: { brake, clock } });
  for (const delayMs of [250, 500]) {
    const answer = login(handler, 'app@example.com', 'wrong');
    assert.ok(answer instanceof Promise);
    let isTold = false;
    void answer.then(() => {
      isTold = true;
    });
    clock.advance(delayMs - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isTold, false);
    clock.advance(1);
    assert.equal((await answer).code, 535);
  }
  logIn(handler);
  assert.equal(clock.pending, 0);
});

test('guesses from one address end unchecked; the same user logs in from another address at once', () => {
  const clock = new TestClock();
  const brake = new GuessingBrake(clock);
  let checks = 0;
  const authenticator: Authenticator = {
    authenticate(_username, password) {
      checks += 1;
      return password === PASSWORD ? { kind: 'accepted', user: 'App@Example.com' } : { kind: 'refused' };
    },
  };
  const options = { brake, clock, authenticator };
  const codes = Array.from({ length: 30 }, () => {
    const { handler, events } = setUp({ options, clientAddress: '198.51.100.9' });
    const answer = login(handler, 'app@example.com', 'wrong');
    const event = events[0];
    return answer instanceof Promise
      ? 'held'
      : [answer.code, event?.kind === 'authentication-ended' && event.unchecked];
  });
  assert.deepEqual(codes, [...Array(16).fill('held'), ...Array(14).fill([454, 'guessing'])]);
  assert.equal(checks, 16);
  const guesser = setUp({ options, clientAddress: '198.51.100.9' }).handler;
  assert.deepEqual(
    [1, 2, 3].map(() => codeOf(login(guesser))),
    [454, 454, 421],
  );
  logIn(setUp({ options, clientAddress: '192.0.2.7' }).handler);
});

test('AUTH names another identity than the network of a client: the login counts from then on', async () => {
  const anonymous = { user: 'other@example.com', networks: ['192.0.2.0/24'] };
  const { handler, intake } = setUp({ options: { anonymous } });
  logIn(handler);
  envelope(handler, 'b@y');
  content(handler, '\r\n');
  await end(handler);
  assert.deepEqual(
    intake.messages.map(({ session }) => [session.user, session.isAuthenticated]),
    [['App@Example.com', true]],
  );
});

const SENDERS = new SenderPolicy([
  { email: 'App@Example.com', allowedSenders: ['*@example.com', 'one@example.org'] },
  { email: 'free@example.com' },
]);

function reversePath(handler: SessionHandler, address: string): SmtpReply {
  const answer = handler.mail({ kind: 'mail', reversePath: { address }, parameters: [] });
  assert.ok(!(answer instanceof Promise));
  return answer;
}

test('MAIL is refused for a sender address the user may not use; the null reverse-path is let through', () => {
  const { handler } = setUp({ options: { senders: SENDERS } });
  logIn(handler);
  for (const address of ['x@example.net', 'two@example.org', 'x@sub.example.com', 'x@example.com.evil']) {
    const { code, enhancedCode } = reversePath(handler, address);
    assert.deepEqual([code, enhancedCode], [550, '5.7.1'], address);
  }
  for (const address of ['X@EXAMPLE.com', 'one@example.org', '']) {
    assert.equal(reversePath(handler, address).code, 250, address);
  }
});

test('every mailbox of From must be one the user may send under, with the null reverse-path too', async () => {
  const cases: readonly (readonly [header: string, code: number])[] = [
    ['From: a@example.com\r\n', 250],
    ['Subject: x\r\nFROM : "B, C" <b@example.com>,\r\n\tone@example.org (One)\r\n', 250],
    ['From: a@example.com, x@example.net\r\n', 550],
    ['From: x@example.net\r\n', 550],
    ['From: "a@example.com" <x@example.net>\r\n', 550],
    ['From: a@example.com <x@example.net>\r\n', 550],
    ['From: a@example.com\r\nfrom: x@example.net\r\n', 550],
    ['Subject: no From\r\n', 550],
    ['From:\r\n', 550],
    [`From: a@example.com\r\n${'X: y\r\n'.repeat(12_000)}From: x@example.net\r\n`, 550],
  ];
  for (const [header, code] of cases) {
    for (const address of ['a@example.com', '']) {
      const { handler, intake, events } = setUp({ options: { senders: SENDERS } });
      logIn(handler);
      assert.equal(reversePath(handler, address).code, 250);
      assert.equal(
        codeOf(handler.rcpt({ kind: 'rcpt', forwardPath: { address: 'b@y' }, parameters: [] })),
        250,
      );
      content(handler, header, '\r\nFrom: x@example.net\r\n');
      const reply = await end(handler);
      assert.equal(reply.code, code, header.slice(0, 80));
      assert.equal(intake.messages.length, code === 250 ? 1 : 0);
      if (code === 250) continue;
      assert.equal(reply.enhancedCode, '5.7.1');
      assert.equal(events.at(-1)?.kind, 'message-ended');
    }
  }
});

test('the rules of a user hold for mail without AUTH too, and other users are free', async () => {
  const options = {
    senders: SENDERS,
    anonymous: { user: 'App@Example.com', networks: ['192.0.2.0/24'] },
  };
  assert.equal(reversePath(setUp({ options }).handler, 'x@example.net').code, 550);
  const free = setUp({
    options: { ...options, anonymous: { ...options.anonymous, user: 'free@example.com' } },
  });
  assert.equal(reversePath(free.handler, 'x@example.net').code, 250);
});

test('no password gets into an event or a message, not even from the user name field', async () => {
  const { handler, intake, events } = setUp();
  assert.equal(codeOf(login(handler, PASSWORD, 'app@example.com')), 535);
  assert.equal(codeOf(login(handler, 'app@example.com', `${PASSWORD}x`)), 535);
  logIn(handler);
  envelope(handler, 'b@y');
  content(handler, '\r\n');
  await end(handler);
  handler.protocolError('SMTP_X', 'something');
  handler.closed('quit');
  assert.equal(events.length, 4);
  assert.doesNotMatch(JSON.stringify(events), /S3CRET/);
  assert.doesNotMatch(JSON.stringify(intake.messages), /S3CRET/);
});

test('limits: declared size, recipients, content', async () => {
  const { handler, intake, events } = setUp();
  logIn(handler);
  const mail = { kind: 'mail', reversePath: { address: '' }, parameters: [] } as const;
  assert.equal(codeOf(handler.mail({ ...mail, declaredSizeBytes: 100_001 })), 552);
  assert.equal(codeOf(handler.mail({ ...mail, declaredSizeBytes: 100_000 })), 250);
  const rcpt = { kind: 'rcpt', forwardPath: { address: 'b@y' }, parameters: [] } as const;
  const codes = [1, 2, 3, 4].map(() => codeOf(handler.rcpt(rcpt)));
  assert.deepEqual(codes, [250, 250, 250, 452]);
  content(handler, 'x'.repeat(60_000), 'x'.repeat(40_001));
  assert.equal(codeOf(end(handler)), 552);
  assert.equal(intake.messages.length, 0);
  const ended = events.at(-1);
  assert.ok(ended?.kind === 'message-ended');
  assert.deepEqual([ended.result, ended.replyCode, ended.sizeBytes], ['failed', 552, 100_001]);
});

test('more than 100 Received fields are a loop, 100 are not', async () => {
  for (const [count, expected] of [
    [100, 250],
    [101, 554],
  ] as const) {
    const { handler, intake } = setUp();
    logIn(handler);
    envelope(handler, 'b@y');
    content(handler, 'Received: x\r\n'.repeat(count), '\r\n', 'Received: in the body\r\n'.repeat(50));
    const reply = await end(handler);
    assert.equal(reply.code, expected);
    assert.equal(intake.messages.length, expected === 250 ? 1 : 0);
    if (expected === 554) assert.equal(reply.enhancedCode, '5.4.6');
  }
});

test('content with a fault is never a message and still gets its one reply and its one event', () => {
  const faults: readonly (readonly [ContentFault, number])[] = [
    ['too-large', 552],
    ['bare-cr', 550],
    ['bare-lf', 550],
    ['nul', 550],
    ['eight-bit', 550],
  ];
  for (const [fault, code] of faults) {
    const { handler, intake, events } = setUp();
    logIn(handler);
    envelope(handler, 'b@y');
    content(handler, 'x\r\n');
    assert.equal(codeOf(end(handler, fault)), code);
    assert.equal(intake.messages.length, 0);
    assert.equal(events.filter((event) => event.kind === 'message-ended').length, 1);
  }
});

test('the body is released after the reply, also when the intake rejects', async () => {
  for (const answer of [async () => RELAYED, () => Promise.reject(new Error('broken'))]) {
    const { handler, intake } = setUp();
    intake.answer = answer;
    logIn(handler);
    envelope(handler, 'b@y');
    content(handler, '\r\nx\r\n');
    await Promise.allSettled([end(handler)]);
    assert.equal(intake.messages.length, 1);
    assert.equal(isReleased(intake.messages[0]), true);
  }
});

test('a session that closes while its message is under way does not take the body away from it', async () => {
  const { handler, intake } = setUp();
  const { promise, resolve } = Promise.withResolvers<SmtpReply>();
  intake.answer = () => promise;
  logIn(handler);
  envelope(handler, 'b@y');
  content(handler, '\r\nx\r\n');
  const reply = end(handler);
  handler.closed('peer-gone');
  assert.equal(isReleased(intake.messages[0]), false);
  resolve(RELAYED);
  await reply;
  assert.equal(isReleased(intake.messages[0]), true);
});

test('RSET, EHLO and a dropped connection in the middle forget the transaction, AUTH stays', () => {
  for (const forget of [
    (handler: SessionHandler) => handler.reset(),
    (handler: SessionHandler) => handler.hello('again', 'HELO'),
    (handler: SessionHandler) => handler.closed('peer-gone'),
  ]) {
    const { handler, intake } = setUp();
    logIn(handler);
    envelope(handler, 'b@y');
    content(handler, 'half a li');
    forget(handler);
    assert.throws(() => end(handler));
    assert.equal(intake.messages.length, 0);
    envelope(handler, 'c@y');
  }
});

test('content arrives byte for byte however it was cut', async () => {
  const text = 'Subject: x\r\n\r\n'.concat(
    Array.from({ length: 400 }, (_, line) => `line ${line} ${'é'.repeat(line % 60)}\r\n`).join(''),
  );
  const cuts = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(cuts, async (lengths) => {
      const { handler, intake } = setUp();
      logIn(handler);
      envelope(handler, 'b@y');
      content(handler, ...cut(text, lengths));
      await end(handler);
      assert.equal(intake.contents[0]?.replace(/^Received:[^;]*; [^\r]*\r\n/, ''), text);
      assert.equal(intake.messages[0]?.body.sizeBytes, intake.contents[0]?.length);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 40) },
  );
});

/** Pieces of the given lengths, over and over, until the text is used up. */
function cut(text: string, lengths: readonly number[]): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let turn = 0; start < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(text.slice(start, start + length));
    start += length;
  }
  return pieces;
}

test('a message cut into single bytes is kept in few pieces', async () => {
  const { handler, intake } = setUp();
  let pieces = 0;
  intake.answer = async () => {
    const [message] = intake.messages;
    const parts = message?.body.read();
    assert.ok(Array.isArray(parts));
    pieces = parts.length;
    return RELAYED;
  };
  logIn(handler);
  envelope(handler, 'b@y');
  content(handler, ...'x'.repeat(50_000));
  await end(handler);
  assert.ok(pieces <= 5, `${pieces} pieces`);
});

test('TLS begun by STARTTLS is noted, and what was said in clear is forgotten', async () => {
  const { handler, intake } = setUp();
  logIn(handler);
  handler.tlsStarted();
  assert.equal(codeOf(handler.mail({ kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] })), 530);
  handler.hello('again.example', 'EHLO');
  logIn(handler);
  envelope(handler, 'b@y');
  await handler.data();
  await handler.content(Buffer.from('Subject: x\r\n\r\n'));
  await handler.contentEnd({ kind: 'content-end', sizeBytes: 14 });
  assert.match(intake.contents[0] ?? '', /^Received: from again\.example .*\r\n by .* with ESMTPSA\r\n/);
  assert.equal(intake.messages[0]?.session.isTls, true);
});

test('TLS drops an open transaction; who may send without AUTH still may', () => {
  const anonymous = { user: 'app@example.com', networks: ['192.0.2.0/24'] };
  const { handler } = setUp({ options: { anonymous } });
  envelope(handler, 'b@y');
  handler.tlsStarted();
  handler.hello('again.example', 'EHLO');
  envelope(handler, 'b@y');
});

test('failed logins before and after STARTTLS are counted together', () => {
  const { handler } = setUp();
  assert.equal(codeOf(login(handler, 'app@example.com', 'wrong')), 535);
  assert.equal(codeOf(login(handler, 'app@example.com', 'wrong')), 535);
  handler.tlsStarted();
  handler.hello('again.example', 'EHLO');
  assert.equal(codeOf(login(handler, 'app@example.com', 'wrong')), 421);
});

test('a stranger in clear is told to start TLS where logins need it, and to log in once it is started', () => {
  const { handler } = setUp({ options: { isAuthOnlyWithTls: true } });
  const mail = () => handler.mail({ kind: 'mail', reversePath: { address: 'a@x' }, parameters: [] });
  assert.match(textOf(mail()), /STARTTLS/);
  handler.tlsStarted();
  handler.hello('again.example', 'EHLO');
  assert.match(textOf(mail()), /Authentication required/);
});
