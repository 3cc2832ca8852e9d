import fc from 'fast-check';
import type { MessageEnded, RouterEvent } from '../../src/events/router-event.ts';
import type { Attempt, Outcome } from '../../src/message/outcome.ts';
import type { SelectionRecord } from '../../src/message/selection-record.ts';

/** A message that went to its second choice. */
export function messageEnded(changes: Partial<MessageEnded> = {}): MessageEnded {
  return {
    kind: 'message-ended',
    sessionId: 's1',
    messageId: 's1-1',
    user: 'app@example.com',
    mailFrom: 'a@example.com',
    recipients: ['b@example.net'],
    sizeBytes: 1_234,
    result: 'relayed',
    replyCode: 250,
    replyText: '2.0.0 Ok: relayed via ses, id s1-1: 250 queued',
    durationMs: 12.3456,
    selection: {
      selector: 'mine',
      decidedBy: 'selector',
      reason: 'cheapest first',
      routes: [['sendgrid', 'ses']],
      durationMs: 0.25,
    },
    attempts: [attempt('sendgrid', deferredBy('sendgrid')), attempt('ses', deliveredBy('ses'))],
    ...changes,
  };
}

export function attempt(downstreamId: string, ...outcomes: readonly Outcome[]): Attempt {
  return {
    downstreamId,
    recipientIds: outcomes.map((_, id) => id),
    startedAt: 1,
    durationMs: 5,
    phase: 'dot',
    outcomes,
  };
}

export function deliveredBy(downstreamId: string): Outcome {
  return { kind: 'delivered', downstreamId, reply: { code: 250, lines: ['queued'] } };
}

export function deferredBy(downstreamId: string): Outcome {
  return {
    kind: 'deferred',
    downstreamId,
    phase: 'mail',
    blame: 'throttle',
    reply: { code: 454, enhancedCode: '4.7.0', lines: ['Throttling failure'] },
    message: `${downstreamId} asks for fewer messages`,
  };
}

export function passedOverBy(downstreamId: string): Outcome {
  return {
    kind: 'failed',
    downstreamId,
    phase: 'mail',
    blame: 'identity',
    errorCode: 'ROUTER_SENDER_NOT_VERIFIED',
    message: `${downstreamId} was not asked`,
  };
}

const text = fc.string({ unit: 'binary', maxLength: 60 });
const anyNumber = fc.double();
const code = fc.integer({ min: 100, max: 999 });
const phase = fc.constantFrom('connect', 'rcpt', 'dot' as const);
const blame = fc.constantFrom('network', 'throttle', 'recipient', 'router' as const);
const reply = fc.record({ code, lines: fc.array(text, { minLength: 1, maxLength: 3 }) });

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('delivered' as const), downstreamId: text, reply }),
  fc.record({
    kind: fc.constantFrom('deferred', 'failed', 'ambiguous' as const),
    downstreamId: text,
    phase,
    blame,
    reply,
    message: text,
  }),
  fc.record({
    kind: fc.constantFrom('deferred', 'failed', 'ambiguous' as const),
    phase,
    blame,
    errorCode: text,
    message: text,
  }),
);

const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  downstreamId: text,
  recipientIds: fc.array(fc.nat()),
  startedAt: anyNumber,
  durationMs: anyNumber,
  phase,
  outcomes: fc.array(outcome, { maxLength: 4 }),
});

const selection: fc.Arbitrary<SelectionRecord> = fc.record({
  selector: text,
  decidedBy: fc.constantFrom('selector', 'fallback' as const),
  reason: text,
  routes: fc.array(fc.array(text)),
  durationMs: anyNumber,
});

/** Any message, with any text and number anybody could bring into it. */
export const anyMessageEnded: fc.Arbitrary<MessageEnded> = fc.record({
  kind: fc.constant('message-ended' as const),
  sessionId: text,
  messageId: text,
  user: text,
  mailFrom: text,
  recipients: fc.array(text, { maxLength: 100 }),
  sizeBytes: fc.nat(),
  result: fc.constantFrom('relayed', 'deferred', 'failed' as const),
  replyCode: code,
  replyText: text,
  durationMs: anyNumber,
  selection,
  attempts: fc.array(anyAttempt, { maxLength: 3 }),
});

/** Any event, with any text and number anybody could bring into it. */
export const anyEvent: fc.Arbitrary<RouterEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('session-opened' as const),
    sessionId: text,
    listener: text,
    clientAddress: text,
  }),
  fc.record({
    kind: fc.constant('session-refused' as const),
    listener: text,
    clientAddress: text,
    reason: fc.constantFrom(
      'too-many-connections',
      'too-many-from-address',
      'draining',
      'bad-proxy-header' as const,
    ),
  }),
  fc.record({
    kind: fc.constant('session-closed' as const),
    sessionId: text,
    listener: text,
    reason: text,
    messages: fc.nat(),
  }),
  fc.record({ kind: fc.constant('listener-fault' as const), listener: text, code: text, message: text }),
  fc.record({
    kind: fc.constant('certificate-changed' as const),
    file: text,
    validUntil: fc.nat({ max: 8_640_000_000_000 }),
  }),
  fc.record({ kind: fc.constant('certificate-changed' as const), file: text, code: text, message: text }),
  fc.record({
    kind: fc.constant('authentication-ended' as const),
    sessionId: text,
    clientAddress: text,
    user: text,
    mechanism: text,
    isAccepted: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('protocol-fault' as const), sessionId: text, code: text, message: text }),
  anyMessageEnded,
  fc.record({ kind: fc.constant('selection-ended' as const), messageId: text, selection }),
  fc.record({ kind: fc.constant('attempt-ended' as const), messageId: text, attempt: anyAttempt }),
  fc.record({
    kind: fc.constant('failed-over' as const),
    messageId: text,
    from: text,
    blame,
    message: text,
  }),
  fc.record({
    kind: fc.constant('signature-broken' as const),
    messageId: text,
    downstream: text,
    domains: fc.array(text, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('plugin-state-changed' as const),
    plugin: text,
    state: fc.constantFrom('ready', 'failed', 'restarting' as const),
    restarts: fc.nat(),
    message: text,
  }),
  fc.record({
    kind: fc.constant('plugin-swapped' as const),
    plugin: text,
    pid: fc.nat(),
    from: fc.nat(),
    sha256: text,
    durationMs: fc.nat(),
  }),
  fc.record({
    kind: fc.constantFrom('plugin-swap-failed' as const, 'plugin-warning' as const),
    plugin: text,
    message: text,
    faultCode: text,
  }),
  fc.record({
    kind: fc.constant('plugin-output' as const),
    plugin: text,
    pid: fc.nat(),
    level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error' as const),
    message: text,
  }),
  fc.record({
    kind: fc.constant('router-state-changed' as const),
    state: fc.constantFrom('serving', 'draining' as const),
  }),
  fc.record({ kind: fc.constant('storage-fault' as const), code: text, message: text }),
  fc.record({
    kind: fc.constant('secret-changed' as const),
    file: text,
    owners: text,
    problem: text,
  }),
  fc.record({ kind: fc.constant('internal-fault' as const), where: text, message: text }),
);
