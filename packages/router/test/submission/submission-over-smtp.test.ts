/**
 * The way of a message from a real client over a real socket to the relay and back: listener, engine,
 * submission, delivery, log and metrics together; only the relay is scripted.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { Delivery } from '../../src/delivery/delivery.ts';
import { EventHub } from '../../src/events/event-hub.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { ConnectionSlots } from '../../src/listener/connection-slots.ts';
import { SmtpListener } from '../../src/listener/smtp-listener.ts';
import type { Message } from '../../src/message/message.ts';
import type { Outcome } from '../../src/message/outcome.ts';
import type { MessageRelay } from '../../src/relay/message-relay.ts';
import { PasswordAuthenticator } from '../../src/submission/password-authenticator.ts';
import { createSubmissionHandler } from '../../src/submission/submission-handler.ts';
import { createLogSink } from '../../src/telemetry/log-sink.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { delivered, undelivered } from '../delivery/outcome-samples.ts';
import { RawClient } from '../listener/raw-client.ts';

const USER = 'app@example.com';
const PASSWORD = 'S3CRET-of-app';
const MAX_BYTES = 6_000_000;

/** Answers the same outcome for every recipient and keeps what it was given. */
class ScriptedRelay implements MessageRelay {
  readonly messages: Message[] = [];
  readonly contents: Buffer[] = [];
  outcome: Outcome = delivered('ses');

  async relay(message: Message) {
    const pieces = message.body.read();
    assert.ok(Array.isArray(pieces));
    this.messages.push(message);
    this.contents.push(Buffer.concat(pieces));
    return {
      selection: {
        selector: 'in-order',
        decidedBy: 'selector' as const,
        reason: 'configured order',
        routes: [['ses']],
        durationMs: 0,
      },
      attempts: [],
      outcomes: new Map(message.envelope.forwardPaths.map(({ id }) => [id, this.outcome])),
    };
  }

  explain = () => assert.fail('no client can ask that');
}

async function serving(t: TestContext) {
  const hub = new EventHub();
  const events: RouterEvent[] = [];
  const lines: string[] = [];
  const metrics = createMetrics({ version: '0', hub, isProcessMeasured: false });
  const destination = {
    write: (line: string) => void lines.push(line),
    flush() {},
    drained: () => Promise.resolve(),
  };
  hub.subscribe({ emit: (event) => events.push(event) });
  hub.subscribe(metrics.sink);
  hub.subscribe(createLogSink({ level: 'trace', format: 'json', addresses: 'full', destination }));
  const relay = new ScriptedRelay();
  const factory = createSubmissionHandler(
    {
      hostname: 'router.example.com',
      authenticator: new PasswordAuthenticator([{ email: USER, password: PASSWORD }]),
      isAuthOffered: true,
      limits: { messageSizeBytes: MAX_BYTES, recipients: 10 },
    },
    new Delivery({ relay, budgetMs: 25_000, events: hub }),
    hub,
  );
  let sessions = 0;
  const listener = new SmtpListener(
    {
      host: '127.0.0.1',
      port: 0,
      slots: new ConnectionSlots(100),
      connection: {
        session: { hostname: 'router.example.com', maxMessageBytes: MAX_BYTES, auth: ['PLAIN', 'LOGIN'] },
        timeouts: {
          clientCommandMs: 60_000,
          clientDataMs: 60_000,
          clientTlsMs: 60_000,
          transactionMs: 60_000,
        },
      },
      nextSessionId: () => {
        sessions += 1;
        return `s${sessions}`;
      },
    },
    factory,
    hub,
  );
  const { port } = await listener.listen();
  t.after(() => listener.close());
  return { port, relay, events, lines, metrics };
}

function mailer(port: number, authMethod = 'PLAIN', pass = PASSWORD) {
  return createTransport({
    host: '127.0.0.1',
    port,
    authMethod,
    auth: { user: USER, pass },
    ignoreTLS: true,
  });
}

/** The content as the relay got it, without the trace field in front. */
function withoutTrace(content: Buffer | undefined): Buffer {
  assert.ok(content !== undefined);
  const text = content.toString('latin1');
  const trace = /^Received: (?:[^\r]|\r\n )*\r\n/.exec(text);
  assert.ok(trace !== null, text.slice(0, 200));
  return content.subarray(trace[0].length);
}

test('a real client logs in and sends; the message arrives byte for byte behind the trace field', async (t) => {
  const { port, relay } = await serving(t);
  const raw = Buffer.concat([
    Buffer.from('From: <a@example.com>\r\nSubject: dots\r\n\r\n.\r\n..\r\n.x\r\n\r\n'),
    Buffer.from('8 bit: '),
    Buffer.from([0xc3, 0xa9, 0xff, 0xfe]),
    Buffer.from('\r\n'),
    Buffer.from(`${'long '.repeat(180)}\r\n`.repeat(3_000)),
  ]);
  for (const method of ['PLAIN', 'LOGIN']) {
    const info = await mailer(port, method).sendMail({
      envelope: { from: 'a@example.com', to: ['b@example.net', 'c@example.net'] },
      raw,
    });
    assert.match(info.response, /^250 2\.0\.0 Ok: relayed via ses, id s\d-1: 250 2\.0\.0 /);
    assert.deepEqual(info.accepted, ['b@example.net', 'c@example.net']);
  }
  for (const content of relay.contents) assert.ok(withoutTrace(content).equals(raw));
  assert.deepEqual(
    relay.messages[0]?.envelope.forwardPaths.map(({ path }) => path.address),
    ['b@example.net', 'c@example.net'],
  );
  for (const message of relay.messages) assert.throws(() => message.body.read(), 'every body was released');
});

test('what a downstream refused is heard by the client with code and words', async (t) => {
  const { port, relay } = await serving(t);
  relay.outcome = undelivered('failed', 'recipient', 550, 'no such user');
  const sending = mailer(port).sendMail({ from: 'a@example.com', to: 'b@example.net', text: 'x' });
  await assert.rejects(sending, /550 5\.1\.1 first said: 550 5\.1\.1 no such user/);
});

test('a wrong password is refused, nothing is sent, and no password is in log, metrics or events', async (t) => {
  const { port, relay, events, lines, metrics } = await serving(t);
  for (const method of ['PLAIN', 'LOGIN']) {
    const wrong = mailer(port, method, `${PASSWORD}-wrong`);
    await assert.rejects(wrong.sendMail({ from: 'a@example.com', to: 'b@example.net', text: 'x' }), /535/);
    await mailer(port, method).sendMail({ from: 'a@example.com', to: 'b@example.net', text: 'x' });
  }
  assert.equal(relay.messages.length, 2);
  const everything = [...lines, JSON.stringify(events), await metrics.exposition()].join('\n');
  assert.match(everything, /authentication-ended/);
  const forms = [
    PASSWORD,
    Buffer.from(PASSWORD).toString('base64').replace(/=*$/, ''),
    Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64').replace(/=*$/, ''),
    Buffer.from(`${USER}\0${USER}\0${PASSWORD}`).toString('base64').replace(/=*$/, ''),
  ];
  for (const form of forms) assert.ok(!everything.includes(form), form);
  assert.equal(lines.filter((line) => line.includes('"event":"message-ended"')).length, 2);
});

test('three wrong passwords end the connection', async (t) => {
  const { port } = await serving(t);
  const client = await RawClient.connect(port);
  t.after(() => client.stream.destroy());
  await client.reply();
  await client.ask('EHLO c');
  const login = `AUTH PLAIN ${Buffer.from(`\0${USER}\0wrong`).toString('base64')}`;
  assert.equal(await client.ask(login), '535');
  assert.equal(await client.ask(login), '535');
  assert.equal(await client.ask(login), '421');
  assert.equal(await client.reply(), '');
});

test('content that is cut off by the end of the connection is never a message', async (t) => {
  const { port, relay, events } = await serving(t);
  const client = await RawClient.connect(port);
  await client.reply();
  client.say('EHLO c', `AUTH PLAIN ${Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64')}`);
  assert.deepEqual(await client.codes(2), ['250', '235']);
  client.say('MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA');
  assert.deepEqual(await client.codes(3), ['250', '250', '354']);
  client.stream.end('Subject: x\r\n\r\nhalf\r\n.');
  await client.rest();
  assert.equal(relay.messages.length, 0);
  assert.ok(!events.some((event) => event.kind === 'message-ended'));
});

test('pipelined transactions on one connection are each answered once, in order', async (t) => {
  const { port, relay } = await serving(t);
  const client = await RawClient.connect(port);
  t.after(() => client.stream.destroy());
  await client.reply();
  client.say('EHLO c', `AUTH PLAIN ${Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64')}`);
  await client.codes(2);
  const count = 20;
  for (let index = 0; index < count; index += 1) {
    client.say('MAIL FROM:<a@example.com>', `RCPT TO:<b${index}@example.net>`, 'DATA');
    assert.deepEqual(await client.codes(3), ['250', '250', '354']);
    client.say(`message ${index}`, '.');
    assert.match(await client.reply(), new RegExp(`^250 2\\.0\\.0 Ok: relayed via ses, id s1-${index + 1}:`));
  }
  assert.equal(relay.messages.length, count);
});

test('a message above the size limit is refused and not relayed, and the session goes on', async (t) => {
  const { port, relay, events } = await serving(t);
  const client = await RawClient.connect(port);
  t.after(() => client.stream.destroy());
  await client.reply();
  client.say('EHLO c', `AUTH PLAIN ${Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64')}`);
  await client.codes(2);
  assert.equal(await client.ask(`MAIL FROM:<a@example.com> SIZE=${MAX_BYTES + 1}`), '552');
  client.say('MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA');
  await client.codes(3);
  client.stream.write(`${'x'.repeat(998)}\r\n`.repeat(MAX_BYTES / 1_000 + 1));
  assert.equal(await client.ask('.'), '552');
  assert.equal(relay.messages.length, 0);
  const ended = events.find((event) => event.kind === 'message-ended');
  assert.ok(ended?.kind === 'message-ended');
  assert.equal(ended.replyCode, 552);
  assert.equal(await client.ask('NOOP'), '250');
});
