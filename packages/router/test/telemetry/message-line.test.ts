import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MessageEnded } from '../../src/events/router-event.ts';
import type { Attempt } from '../../src/message/outcome.ts';
import { summarizeAttempt } from '../../src/telemetry/attempt-summary.ts';
import { LogPrivacy } from '../../src/telemetry/log-privacy.ts';
import { replyText, tenths } from '../../src/telemetry/log-value.ts';
import { messageFields } from '../../src/telemetry/message-line.ts';
import { anyMessageEnded, attempt, deliveredBy, messageEnded } from './event-samples.ts';

/** The same fields as an object. */
function fieldsAsObject(event: MessageEnded, privacy: LogPrivacy): unknown {
  const { selection } = event;
  const reply = privacy.text(event.replyText);
  return {
    session_id: event.sessionId,
    message_id: event.messageId,
    user: privacy.address(event.user),
    mail_from: privacy.address(event.mailFrom),
    recipients: event.recipients.slice(0, 50).map((address) => privacy.address(address)),
    recipient_count: event.recipients.length,
    size_bytes: event.sizeBytes,
    result: event.result,
    reply_code: event.replyCode,
    reply,
    duration_ms: tenths(event.durationMs),
    downstream: event.attempts.at(-1)?.downstreamId,
    selector: selection?.selector,
    decided_by: selection?.decidedBy,
    fault_code: selection?.faultCode,
    reason: selection && privacy.text(selection.reason),
    routes: selection?.routes,
    selection_ms: selection && tenths(selection.durationMs),
    attempts: event.attempts.map((one) => attemptAsObject(one, privacy)),
    msg: `${event.result}: ${event.replyCode} ${reply}`,
  };
}

function attemptAsObject(one: Attempt, privacy: LogPrivacy): unknown {
  const { kind, blame, outcome } = summarizeAttempt(one);
  const cause = outcome?.kind === 'delivered' ? undefined : outcome;
  return {
    downstream: one.downstreamId,
    phase: one.phase,
    outcome: kind,
    blame: blame || undefined,
    reply: outcome?.reply && privacy.text(replyText(outcome.reply)),
    error_code: cause?.errorCode,
    error: cause && privacy.text(cause.message),
    recipient_count: one.recipientIds.length,
    duration_ms: tenths(one.durationMs),
  };
}

function assertSame(event: MessageEnded, addresses: 'full' | 'domain' | 'hash'): void {
  const privacy = new LogPrivacy({ addresses });
  assert.equal(`{${messageFields(event, privacy)}}`, JSON.stringify(fieldsAsObject(event, privacy)));
}

test('the line of a message is what JSON.stringify makes of its fields, whatever texts and numbers come', () => {
  fc.assert(fc.property(anyMessageEnded, fc.constantFrom('full', 'domain', 'hash' as const), assertSame), {
    numRuns: Number(process.env['FUZZ_RUNS'] ?? 300),
  });
});

test('so it is for plain messages and for the ones that lack a selection, an attempt or a reason', () => {
  const { selection: _, ...unselected } = messageEnded();
  const events: readonly MessageEnded[] = [
    messageEnded(),
    messageEnded({ attempts: [attempt('ses', deliveredBy('ses'))], recipients: [], durationMs: 7 }),
    messageEnded({ attempts: [attempt('ses')], mailFrom: '' }),
    { ...unselected, attempts: [], durationMs: 0 },
    messageEnded({
      selection: {
        selector: 'mine',
        decidedBy: 'fallback',
        faultCode: 'PLUGIN_NOT_READY',
        reason: '"quoted" \\ and\nbroken \ud800',
        routes: [],
        durationMs: Number.NaN,
      },
    }),
  ];
  for (const event of events)
    for (const addresses of ['full', 'domain'] as const) assertSame(event, addresses);
});
