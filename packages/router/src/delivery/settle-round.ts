/**
 * What one round of a message, one relaying, means for each of its recipients: delivered, refused for
 * good, to be tried again, or held. Pure.
 *
 * | outcome                                         | becomes                                        |
 * |-------------------------------------------------|------------------------------------------------|
 * | delivered                                       | delivered                                      |
 * | refused for good, about the mail itself         | failed                                         |
 * | dot without an answer, `at_most_once`           | held: it may have been delivered               |
 * | the selector's verdict is hold                  | held                                           |
 * | anything else, older than `give_up_after`       | failed                                         |
 * | anything else                                   | deferred                                       |
 *
 * A report of ours (null reverse-path) that nobody takes is held, not failed: there is nobody to tell.
 */
import type { DeliveredOutcome, Outcome, UndeliveredOutcome } from '../message/outcome.ts';
import { describeReply, printable } from '../message/reply-text.ts';
import type { RelayVerdict } from '../relay/relay-result.ts';
import type { DueRecipient, RecipientSettlement } from '../spool/spool-store.ts';
import type { RetrySchedule } from './delivery-policy.ts';
import { type AmbiguousPolicy, isFinal } from './reply-to-client.ts';

/** Begins the reason of what only waits for a downstream to be well again. */
export const WAITING = 'Waiting for a downstream: ';

/** Everything a round depends on. */
export interface RoundFacts {
  /** Those that were tried. */
  readonly recipients: readonly DueRecipient[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
  readonly verdict?: RelayVerdict | undefined;
  /** Since the message was stored; 0 when it is new. */
  readonly ageMs: number;
  readonly isReport: boolean;
  readonly ambiguous: AmbiguousPolicy;
  readonly retry: RetrySchedule;
}

/** A recipient that will not get the message. */
export interface FailedRecipient {
  readonly recipientId: number;
  /** `refused` for good, or given up because it took too long. */
  readonly kind: 'refused' | 'expired';
  readonly outcome: UndeliveredOutcome;
}

export interface Round {
  /** One for each recipient that was tried. */
  readonly settled: readonly RecipientSettlement[];
  /** Whose sender has to be told. */
  readonly failed: readonly FailedRecipient[];
}

/** Settles a round. */
export function settleRound(facts: RoundFacts): Round {
  const settled: RecipientSettlement[] = [];
  const failed: FailedRecipient[] = [];
  for (const recipient of facts.recipients) {
    const outcome = facts.outcomes.get(recipient.id) ?? MISSING;
    const one =
      outcome.kind === 'delivered' ? delivered(recipient, outcome) : undelivered(recipient, outcome, facts);
    settled.push(one);
    if (one.kind === 'failed' && outcome.kind !== 'delivered') {
      const kind = isFinal(outcome) || facts.verdict?.kind === 'reject' ? 'refused' : 'expired';
      failed.push({ recipientId: recipient.id, kind, outcome });
    }
  }
  return { settled, failed };
}

const MISSING: UndeliveredOutcome = {
  kind: 'deferred',
  phase: 'connect',
  blame: 'router',
  message: 'there is no outcome for this recipient',
};

function delivered({ id: recipientId }: DueRecipient, outcome: DeliveredOutcome): RecipientSettlement {
  const { downstreamId, reply } = outcome;
  return { recipientId, kind: 'delivered', downstreamId, reason: printable(describeReply(reply)) };
}

function undelivered(
  recipient: DueRecipient,
  outcome: UndeliveredOutcome,
  facts: RoundFacts,
): RecipientSettlement {
  const { downstreamId, message } = outcome;
  const who = { recipientId: recipient.id, ...(downstreamId !== undefined && { downstreamId }) };
  const held = (reason: string): RecipientSettlement => ({ ...who, kind: 'held', reason: printable(reason) });
  if (facts.verdict?.kind === 'hold') return held(message);
  if (outcome.kind === 'ambiguous' && facts.ambiguous === 'at_most_once') {
    return held(`It may have been delivered: ${message}`);
  }
  if (isFinal(outcome) || facts.verdict?.kind === 'reject') {
    return facts.isReport
      ? held(`Nobody takes this report: ${message}`)
      : { ...who, kind: 'failed', reason: printable(message) };
  }
  const delayMs = delayOf(recipient, facts.retry);
  if (Math.min(facts.ageMs, recipient.waitedMs) + delayMs > facts.retry.giveUpAfterMs) {
    const reason = `Given up, it took too long. ${message}`;
    return facts.isReport ? held(reason) : { ...who, kind: 'failed', reason: printable(reason) };
  }
  const before = isOurs(outcome) ? WAITING : '';
  return { ...who, kind: 'deferred', delayMs, reason: printable(before + message) };
}

function delayOf({ deferrals }: DueRecipient, { delaysMs }: RetrySchedule): number {
  return delaysMs[Math.min(deferrals, delaysMs.length - 1)] ?? 0;
}

/** About a downstream or ourselves rather than about the mail: it goes on as soon as that is over. */
function isOurs({ kind, blame }: UndeliveredOutcome): boolean {
  return (
    kind !== 'ambiguous' && ['network', 'downstream', 'credentials', 'throttle', 'router'].includes(blame)
  );
}
