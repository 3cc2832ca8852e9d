import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { ListenerConnection } from '../../src/listener/listener-connection.ts';
import { TestClock } from '../test-clock.ts';
import { RawClient } from './raw-client.ts';
import { RecordingHandler } from './recording-handler.ts';

const TIMEOUTS = {
  clientCommandMs: 300_000,
  clientDataMs: 180_000,
  clientTlsMs: 30_000,
  transactionMs: 1_800_000,
};

/** A connection on a pair of streams in memory, with a clock that stands still. */
function connection() {
  const [near, far] = duplexPair();
  const clock = new TestClock();
  const handler = new RecordingHandler();
  const events: RouterEvent[] = [];
  const closed = Promise.withResolvers<void>();
  const subject = new ListenerConnection({
    socket: near,
    facts: { sessionId: 's1', listener: '127.0.0.1:25', clientAddress: '192.0.2.1', isTls: false },
    handler,
    options: {
      session: {
        hostname: 'router.example.com',
        auth: ['PLAIN'],
        isStartTlsOffered: true,
        isChunkingOffered: true,
      },
      timeouts: TIMEOUTS,
    },
    clock,
    events: { emit: (event) => events.push(event) },
    onClosed: () => closed.resolve(),
  });
  subject.open();
  const client = new RawClient(far);
  return { subject, client, clock, handler, events, near, closed: closed.promise };
}

/** Streams in memory hand over within a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function greeted() {
  const parts = connection();
  assert.match(await parts.client.reply(), /^220 /);
  return parts;
}

async function inContent() {
  const parts = await greeted();
  parts.client.say('EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA');
  assert.deepEqual(await parts.client.codes(4), ['250', '250', '250', '354']);
  return parts;
}

test('an idle client hears 421 after client_command', async () => {
  const { client, clock, handler, closed, events } = await greeted();
  clock.advance(TIMEOUTS.clientCommandMs - 1);
  await settled();
  assert.deepEqual(handler.calls, []);
  clock.advance(1);
  assert.match(await client.reply(), /^421 4\.4\.2 router\.example\.com /);
  client.stream.end();
  await closed;
  assert.deepEqual(handler.calls, ['closed timeout']);
  assert.deepEqual(events.at(-1), {
    kind: 'session-closed',
    sessionId: 's1',
    listener: '127.0.0.1:25',
    reason: 'timeout',
    messages: 0,
  });
});

test('a reply starts client_command anew, bytes of an unfinished command do not', async () => {
  const { client, clock } = await greeted();
  clock.advance(200_000);
  assert.equal(await client.ask('NOOP'), '250');
  clock.advance(200_000);
  client.stream.write('NO');
  await settled();
  clock.advance(99_999);
  client.stream.write('OP');
  await settled();
  clock.advance(1);
  assert.match(await client.reply(), /^421 4\.4\.2 /);
});

test('client_data counts between pieces of content', async () => {
  const { client, clock, handler } = await inContent();
  for (let piece = 1; piece <= 3; piece += 1) {
    clock.advance(TIMEOUTS.clientDataMs - 1);
    client.say('x'.repeat(1_000));
    await handler.received((piece - 1) * 1_002 + 500);
  }
  clock.advance(TIMEOUTS.clientDataMs);
  assert.match(await client.reply(), /^421 4\.4\.2 /);
  assert.ok(!handler.calls.includes('contentEnd'));
});

test('a lively client is cut when its transaction takes too long', async () => {
  const { client, clock, handler } = await inContent();
  const step = 100_000;
  for (let piece = 1; piece * step < TIMEOUTS.transactionMs; piece += 1) {
    clock.advance(step);
    client.say('x'.repeat(1_000));
    await handler.received((piece - 1) * 1_002 + 500);
  }
  clock.advance(step);
  assert.match(await client.reply(), /^421 4\.4\.2 /);
});

test('no time-out of the client counts while we owe an answer', async () => {
  const { client, clock, handler } = await inContent();
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  handler.answers.contentEnd = () => answer.promise;
  client.say('x', '.');
  await handler.called('contentEnd');
  clock.advance(TIMEOUTS.transactionMs * 2);
  await settled();
  answer.resolve({ code: 250, lines: ['late'] });
  assert.equal(await client.reply(), '250 late');
  assert.equal(await client.ask('NOOP'), '250');
});

test('the time a client waits for room for its content is not its own', async () => {
  const { client, clock, handler } = await inContent();
  const room = Promise.withResolvers<void>();
  handler.onContent = () => room.promise;
  client.say('x'.repeat(1_000));
  await handler.received(1_000);
  client.say('y'.repeat(1_000));
  await settled();
  clock.advance(TIMEOUTS.transactionMs * 2);
  await settled();
  assert.equal(handler.contentBytes < 2_000, true, 'nothing is processed meanwhile');
  handler.onContent = () => {};
  room.resolve();
  await handler.received(2_000);
  clock.advance(TIMEOUTS.clientDataMs - 1);
  client.say('.');
  assert.equal(await client.reply(), '250 2.0.0 Ok');
});

test('a busy session arms next to no timers', async () => {
  const { client, clock } = await greeted();
  for (let count = 0; count < 200; count += 1) {
    assert.equal(await client.ask('NOOP'), '250');
    clock.advance(10);
  }
  assert.ok(clock.scheduled <= 2, `${clock.scheduled} timers`);
});

test('whoever does not close after the last reply is dropped a little later', async () => {
  const { client, clock, closed, near } = await greeted();
  client.say('QUIT');
  assert.match(await client.reply(), /^221 /);
  await settled();
  assert.equal(near.destroyed, false);
  clock.advance(2_000);
  await closed;
  assert.equal(clock.pending, 0);
});

test('a connection that ends in the middle of content hands nothing on and says goodbye once', async () => {
  const { client, handler, closed, clock, near } = await inContent();
  client.say('half of a message');
  await handler.received(10);
  near.destroy(Object.assign(new Error('reset by peer'), { code: 'ECONNRESET' }));
  await closed;
  assert.ok(!handler.calls.includes('contentEnd'));
  assert.deepEqual(
    handler.calls.filter((call) => call.startsWith('closed')),
    ['closed socket error ECONNRESET'],
  );
  assert.equal(clock.pending, 0);
});

for (const [where, sent, bytes] of [
  ['in the middle of the last chunk', 'BDAT 99 LAST\r\nhalf', 4],
  ['between chunks', 'BDAT 4\r\nhalf', 4],
] as const) {
  test(`BDAT abuse: a connection that ends ${where} hands nothing on`, async () => {
    const { client, handler, closed } = await greeted();
    client.say('EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>');
    client.stream.write(sent);
    await handler.received(bytes);
    client.stream.end();
    await closed;
    assert.equal(handler.calls.includes('contentEnd'), false);
    assert.equal(handler.calls.at(-1), 'closed peer-gone');
  });
}

test('a chunk has client_data, the time between chunks client_command', async () => {
  const { client, clock, handler } = await greeted();
  client.say('EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>');
  client.stream.write('BDAT 4\r\nhalf');
  assert.deepEqual(await client.codes(4), ['250', '250', '250', '250']);
  clock.advance(TIMEOUTS.clientCommandMs - 1);
  client.stream.write('BDAT 9\r\nx');
  await handler.received(5);
  await settled();
  clock.advance(TIMEOUTS.clientDataMs);
  assert.match(await client.reply(), /^421 4\.4\.2 /);
});

test('an answer that comes after the client has gone is dropped', async () => {
  const { subject, client, handler, closed } = await inContent();
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  handler.answers.contentEnd = () => answer.promise;
  client.say('x', '.');
  await handler.called('contentEnd');
  subject.destroy();
  await closed;
  answer.resolve({ code: 250, lines: ['too late'] });
  await settled();
  assert.equal(handler.calls.at(-1), 'closed dropped');
});

test('a handler that throws or rejects costs a 451, and the session goes on', async () => {
  const { client, handler, events } = await greeted();
  client.say('EHLO c');
  await client.reply();
  handler.answers.mail = () => {
    throw new Error('defect one');
  };
  assert.equal(await client.ask('MAIL FROM:<a@example.com>'), '451');
  handler.answers.mail = () => Promise.reject(new Error('defect two'));
  assert.equal(await client.ask('MAIL FROM:<a@example.com>'), '451');
  delete handler.answers.mail;
  assert.equal(await client.ask('MAIL FROM:<a@example.com>'), '250');
  assert.deepEqual(
    events.map((event) => event.kind === 'internal-fault' && event.message),
    ['defect one', 'defect two'],
  );
});

test('a handler that cannot take content ends the connection, not the router', async () => {
  for (const onContent of [
    () => Promise.reject(new Error('no room')),
    () => {
      throw new Error('no room');
    },
  ]) {
    const { client, handler, closed, events } = await inContent();
    handler.onContent = onContent;
    client.say('x'.repeat(100));
    await closed;
    assert.ok(events.some((event) => event.kind === 'internal-fault' && event.message === 'no room'));
    assert.ok(!handler.calls.includes('contentEnd'));
  }
});

test('an answer of 421 ends the session behind it', async () => {
  const { client, handler, closed } = await greeted();
  client.say('EHLO c');
  await client.reply();
  handler.answers.mail = async () => ({ code: 421, enhancedCode: '4.7.0', lines: ['enough'] });
  client.say('MAIL FROM:<a@example.com>', 'NOOP');
  assert.equal(await client.reply(), '421 4.7.0 enough');
  assert.equal(await client.reply(), '');
  client.stream.end();
  await closed;
});

test('draining: an idle session hears 421 at once', async () => {
  const { subject, client } = await greeted();
  subject.drain();
  assert.match(await client.reply(), /^421 4\.3\.2 router\.example\.com is shutting down/);
  assert.equal(await client.reply(), '');
});

test('draining: a session hears 421 after the answer to its message', async () => {
  const { subject, client } = await inContent();
  subject.drain();
  client.say('x', '.');
  assert.match(await client.reply(), /^250 /);
  assert.match(await client.reply(), /^421 4\.3\.2 /);
});

test('draining: a transaction given up by RSET ends the session', async () => {
  const { subject, client } = await greeted();
  client.say('EHLO c', 'MAIL FROM:<a@example.com>');
  await client.codes(2);
  subject.drain();
  client.say('RSET');
  assert.match(await client.reply(), /^250 /);
  assert.match(await client.reply(), /^421 4\.3\.2 /);
});

test('draining: a login under way is answered before the session ends', async () => {
  const { subject, client, handler } = await greeted();
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  handler.answers.auth = () => answer.promise;
  client.say('EHLO c');
  await client.reply();
  client.say(`AUTH PLAIN ${Buffer.from('\0a@b\0p').toString('base64')}`);
  await handler.called('auth');
  subject.drain();
  answer.resolve({ code: 235, lines: ['Ok'] });
  assert.equal(await client.reply(), '235 Ok');
  assert.match(await client.reply(), /^421 4\.3\.2 /);
});

test('STARTTLS injection: what waits in the socket behind a held STARTTLS ends the session', async () => {
  const { client, handler, near, closed } = await greeted();
  assert.equal(await client.ask('EHLO c'), '250');
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  handler.answers.mail = () => answer.promise;
  client.say('MAIL FROM:<a@example.com>');
  await handler.called('mail');
  client.say('RSET', 'STARTTLS');
  await settled();
  client.say('EHLO evil');
  await settled();
  assert.ok(near.readableLength > 0, 'one chunk is held, the next one waits in the socket');
  answer.resolve({ code: 250, lines: ['Ok'] });
  assert.deepEqual(await client.codes(4), ['250', '250', '220', '554']);
  client.stream.end();
  await closed;
  assert.deepEqual(handler.calls.slice(-2), [
    'protocolError SMTP_STARTTLS_INJECTION',
    'closed starttls-injection',
  ]);
});
