/**
 * As many transactions with one downstream as its recipients need: because it takes only so many in one
 * (`max_recipients`), or because it said so to some of them (452 4.5.3, RFC 5321 §4.5.3.1.10). Who was
 * not taken for that reason comes into the next transaction.
 *
 * Trouble with the downstream ends it: whoever was not asked by then goes the way of those who were.
 */
import type { Recipient } from '../message/message.ts';
import type { Outcome } from '../message/outcome.ts';
import type { Judgement } from './judge-attempt.ts';

/** What there is to do. */
export interface RecipientParts {
  readonly recipients: readonly Recipient[];
  /** Most of one transaction; infinite without a limit. */
  readonly maxRecipients: number;
  /** One transaction; a judgement for each recipient, in order. Never rejects. */
  readonly transact: (part: readonly Recipient[]) => Promise<readonly Judgement[]>;
}

/** One judgement for each recipient, in order. */
export async function transactInParts(parts: RecipientParts): Promise<readonly Judgement[]> {
  const judgements = new Map<number, Judgement>();
  let waiting = parts.recipients;
  let { maxRecipients } = parts;
  while (waiting.length > 0) {
    const part = waiting.slice(0, maxRecipients);
    const said = await parts.transact(part);
    for (const [index, { id }] of part.entries()) {
      const judgement = said[index];
      if (judgement !== undefined) judgements.set(id, judgement);
    }
    const left = part.filter((_, index) => wantsAnotherTransaction(said[index]?.outcome));
    const unasked = waiting.slice(part.length);
    const stop = said.find(isTrouble) ?? (left.length === part.length ? said[0] : undefined);
    if (stop !== undefined) {
      for (const { id } of unasked) judgements.set(id, forUnasked(stop));
      break;
    }
    if (left.length > 0) maxRecipients = part.length - left.length;
    waiting = left.length > 0 ? [...left, ...unasked] : unasked;
  }
  return parts.recipients.flatMap(({ id }) => judgements.get(id) ?? []);
}

/** Only one row of the blame table says so: too many recipients. */
function wantsAnotherTransaction(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'deferred' && outcome.phase === 'rcpt' && outcome.blame === 'capability';
}

/** It is about the downstream or our time, neither about one recipient nor about the content. */
function isTrouble({ outcome, isNextTried }: Judgement): boolean {
  if (outcome.kind === 'delivered') return false;
  const { kind, phase, blame, reply } = outcome;
  const isAboutRecipient = phase === 'rcpt' && reply !== undefined && reply.code !== 421;
  return !isAboutRecipient && (isNextTried || kind === 'ambiguous' || blame === 'router');
}

/** A dot without an answer leaves only those in doubt for whom it was sent. */
function forUnasked(judgement: Judgement): Judgement {
  const { outcome } = judgement;
  if (outcome.kind !== 'ambiguous') return judgement;
  return { ...judgement, outcome: { ...outcome, kind: 'deferred' }, isNextTried: true };
}
