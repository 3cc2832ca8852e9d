import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createLogSink, type LogSinkOptions } from '../../src/telemetry/log-sink.ts';
import { anyEvent, attempt, deferredBy, messageEnded } from './event-samples.ts';

class MemoryDestination {
  readonly lines: string[] = [];
  flushes = 0;
  write(line: string): void {
    this.lines.push(line);
  }
  flush(): void {
    this.flushes += 1;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
}

function logging(changes: Partial<LogSinkOptions> = {}) {
  const destination = new MemoryDestination();
  const sink = createLogSink({
    level: 'trace',
    format: 'json',
    addresses: 'full',
    destination,
    now: () => 0,
    ...changes,
  });
  return { sink, destination };
}

function parse(line: string | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(line ?? '');
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}

function lineOf(event: RouterEvent, changes: Partial<LogSinkOptions> = {}): Record<string, unknown> {
  const { sink, destination } = logging(changes);
  sink.emit(event);
  assert.equal(destination.lines.length, 1);
  return parse(destination.lines[0]);
}

test('a transaction is one line that tells who, what, why, where and how long', () => {
  const { time, ...line } = lineOf(messageEnded());
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(line, {
    level: 'info',
    event: 'message-ended',
    session_id: 's1',
    message_id: 's1-1',
    user: 'app@example.com',
    mail_from: 'a@example.com',
    recipients: ['b@example.net'],
    recipient_count: 1,
    size_bytes: 1_234,
    result: 'relayed',
    reply_code: 250,
    reply: '2.0.0 Ok: relayed via ses, id s1-1: 250 queued',
    duration_ms: 12.3,
    downstream: 'ses',
    selector: 'mine',
    decided_by: 'selector',
    reason: 'cheapest first',
    routes: [['sendgrid', 'ses']],
    selection_ms: 0.3,
    attempts: [
      {
        downstream: 'sendgrid',
        phase: 'dot',
        outcome: 'deferred',
        blame: 'throttle',
        reply: '454 4.7.0 Throttling failure',
        error: 'sendgrid asks for fewer messages',
        recipient_count: 1,
        duration_ms: 5,
      },
      {
        downstream: 'ses',
        phase: 'dot',
        outcome: 'delivered',
        reply: '250 queued',
        recipient_count: 1,
        duration_ms: 5,
      },
    ],
    msg: 'relayed: 250 2.0.0 Ok: relayed via ses, id s1-1: 250 queued',
  });
});

test('any sequence of events gives lines that are each one valid line of JSON', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 20 }),
      fc.constantFrom('full', 'domain', 'hash' as const),
      (events, addresses) => {
        const { sink, destination } = logging({ addresses });
        for (const event of events) sink.emit(event);
        assert.equal(destination.lines.length, events.length);
        for (const [index, line] of destination.lines.entries()) {
          assert.equal(line.indexOf('\n'), line.length - 1);
          assert.equal(parse(line)['event'], events[index]?.kind);
        }
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
  );
});

test('a secret of the configuration is taken out of whatever others wrote', () => {
  const secret = 'S3CRET-of-ses';
  const secrets = [secret];
  const lines: string[] = [];
  const planted: readonly RouterEvent[] = [
    messageEnded({
      replyText: `4.0.0 ses said: 454 ${secret}`,
      attempts: [
        attempt('ses', {
          kind: 'deferred',
          downstreamId: 'ses',
          phase: 'auth',
          blame: 'credentials',
          reply: { code: 535, lines: ['no', `login any/${secret} refused`] },
          message: `said ${secret}`,
        }),
      ],
      selection: {
        selector: 'mine',
        decidedBy: 'selector',
        reason: `chose {any ${secret}}`,
        routes: [['ses']],
        durationMs: 1,
      },
    }),
    { kind: 'plugin-output', plugin: 'mine', pid: 1, level: 'info', message: `[{localhost any ${secret}}]` },
    {
      kind: 'plugin-state-changed',
      plugin: 'mine',
      state: 'failed',
      restarts: 1,
      message: `panic: ${secret}`,
    },
    { kind: 'failed-over', messageId: 'm', from: 'ses', blame: 'credentials', message: secret },
    { kind: 'internal-fault', where: 'relay', message: secret },
    { kind: 'protocol-fault', sessionId: 's', code: 'SMTP_X', message: secret },
    {
      kind: 'authentication-ended',
      sessionId: 's',
      clientAddress: '::1',
      user: `${secret}@example.com`,
      mechanism: 'PLAIN',
      isAccepted: false,
    },
  ];
  const destination = {
    write: (line: string) => lines.push(line),
    flush() {},
    drained: () => Promise.resolve(),
  };
  const sink = createLogSink({
    level: 'trace',
    format: 'json',
    addresses: 'full',
    secrets: () => secrets,
    destination,
  });
  for (const event of planted) sink.emit(event);
  assert.equal(lines.length, planted.length);
  for (const line of lines) {
    assert.doesNotMatch(line, /S3CRET/);
    assert.match(line, /\[secret\]/);
  }
});

test('addresses are shown as domains or hashes when asked, in fields and within texts', () => {
  const event = messageEnded({
    mailFrom: 'Alice@example.com',
    recipients: ['bob@example.net', '"carol x"@example.org'],
    result: 'failed',
    replyCode: 550,
    replyText: '5.1.1 <bob@example.net>: unknown, "carol x"@example.org too',
    attempts: [attempt('ses', deferredBy('ses'))],
  });
  const domains = JSON.stringify(lineOf(event, { addresses: 'domain' }));
  assert.doesNotMatch(domains, /alice|bob|carol|app@/i);
  assert.match(domains, /<\*@example\.net>: unknown/);
  const hashes = JSON.stringify(lineOf(event, { addresses: 'hash' }));
  assert.doesNotMatch(hashes, /alice|bob|carol|@example/i);
  assert.equal(lineOf(event, { addresses: 'hash' })['mail_from'], 'sha256:ff8d9819fc0e12bf');
});

test('the null reverse-path stays visible as such', () => {
  for (const addresses of ['full', 'domain', 'hash'] as const) {
    assert.equal(lineOf(messageEnded({ mailFrom: '' }), { addresses })['mail_from'], '');
  }
});

test('a message to a thousand recipients does not make a line of a thousand addresses', () => {
  const recipients = Array.from({ length: 1_000 }, (_, index) => `r${index}@example.net`);
  const line = lineOf(messageEnded({ recipients }));
  assert.equal(line['recipient_count'], 1_000);
  const shown = line['recipients'];
  assert.ok(Array.isArray(shown) && shown.length === 50);
});

test('lines below the level are not written, and warnings are flushed at once', () => {
  const { sink, destination } = logging({ level: 'info' });
  sink.emit({ kind: 'session-opened', sessionId: 's', listener: 'l', clientAddress: 'c' });
  sink.emit({ kind: 'plugin-output', plugin: 'p', pid: 1, level: 'debug', message: 'x' });
  assert.equal(destination.lines.length, 0);
  sink.emit(messageEnded());
  assert.deepEqual([destination.lines.length, destination.flushes], [1, 0]);
  sink.emit(messageEnded({ result: 'deferred', replyCode: 451 }));
  assert.deepEqual([destination.lines.length, destination.flushes], [2, 1]);
});

test('a flood of refusals is throttled, and the next line tells how many were kept back', () => {
  let now = 0;
  const { sink, destination } = logging({ now: () => now });
  const refused: RouterEvent = {
    kind: 'session-refused',
    listener: 'l',
    clientAddress: 'c',
    reason: 'too-many-connections',
  };
  for (let index = 0; index < 1_000; index += 1) sink.emit(refused);
  assert.equal(destination.lines.length, 20);
  sink.emit(messageEnded());
  assert.equal(destination.lines.length, 21, 'transactions are never throttled');
  now = 1_000;
  sink.emit(refused);
  assert.equal(parse(destination.lines.at(-1))['suppressed'], 980);
});

test('secrets of a new configuration are taken out from the next line on', () => {
  let secrets: readonly string[] = ['first-secret'];
  const { sink, destination } = logging({ secrets: () => secrets });
  const output: RouterEvent = {
    kind: 'plugin-output',
    plugin: 'p',
    pid: 1,
    level: 'info',
    message: 'first-secret second-secret',
  };
  sink.emit(output);
  secrets = ['second-secret'];
  sink.emit(output);
  assert.deepEqual(
    destination.lines.map((line) => parse(line)['msg']),
    ['[secret] second-secret', 'first-secret [secret]'],
  );
});
