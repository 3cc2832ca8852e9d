/** Turns what a downstream said into an outcome for each recipient, by the blame table. */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { AttemptReport, FailedEnd } from '../downstream/attempt-report.ts';
import type { Outcome, UndeliveredOutcome } from '../message/outcome.ts';
import { describeReply, printable } from '../message/reply-text.ts';
import { type BlameEffect, effectOf, findBlameRule, type Hindrance } from './blame.ts';

/** What an attempt means for one recipient. */
export interface Judgement extends BlameEffect {
  readonly outcome: Outcome;
}

/** One judgement for each of `recipientCount` recipients, in the order of the attempt. */
export function judgeAttempt(
  downstreamId: string,
  report: AttemptReport,
  recipientCount: number,
): readonly Judgement[] {
  const refusals: (Judgement | undefined)[] = [];
  for (let index = 0; index < recipientCount; index += 1) {
    const reply = report.recipientReplies[index];
    const isRefusal = reply !== undefined && reply.code >= 300;
    refusals.push(isRefusal ? judgeReply(downstreamId, 'rcpt', reply) : undefined);
  }
  const rest = judgeEnd(downstreamId, report, refusals);
  return refusals.map((refusal) => refusal ?? rest);
}

/** What became of the recipients that were not refused themselves. */
function judgeEnd(
  downstreamId: string,
  { end }: AttemptReport,
  refusals: readonly (Judgement | undefined)[],
): Judgement {
  switch (end.kind) {
    case 'withheld':
      return judgeWithheld(downstreamId, refusals);
    case 'replied':
      if (end.phase === 'dot' && end.reply.code >= 200 && end.reply.code < 300) {
        return {
          outcome: { kind: 'delivered', downstreamId, reply: end.reply },
          isNextTried: false,
          countsAgainstHealth: false,
        };
      }
      return judgeReply(downstreamId, end.phase, end.reply);
    case 'failed':
      return end.reply === undefined
        ? judgeFailure(downstreamId, end)
        : judgeReply(downstreamId, end.phase, end.reply);
  }
}

function judgeReply(downstreamId: string, phase: Hindrance['phase'], reply: SmtpReply): Judgement {
  const message = `Downstream ${downstreamId} answered ${describeReply(reply)} (phase ${phase}).`;
  return judge({ phase, reply }, { downstreamId, phase, reply, message });
}

function judgeFailure(downstreamId: string, end: FailedEnd): Judgement {
  const { phase, code: errorCode } = end;
  return judge({ phase, errorCode }, { downstreamId, phase, errorCode, message: printable(end.message) });
}

/**
 * All or nothing: whoever was accepted goes the way of the refused. Its outcome says that it was only
 * held back; a refusal that stops the message stops it for all.
 */
function judgeWithheld(downstreamId: string, refusals: readonly (Judgement | undefined)[]): Judgement {
  const known = refusals.filter((refusal) => refusal !== undefined);
  const decisive = known.find(({ isNextTried }) => !isNextTried) ?? known[0];
  const why = decisive === undefined || decisive.outcome.kind === 'delivered' ? '' : decisive.outcome.message;
  return {
    outcome: {
      kind: 'deferred',
      downstreamId,
      phase: 'rcpt',
      blame: 'router',
      errorCode: 'ROUTER_ALL_OR_NOTHING',
      message: `Held back because another recipient was refused. ${why}`.trim(),
    },
    isNextTried: decisive?.isNextTried ?? false,
    countsAgainstHealth: false,
  };
}

function judge(hindrance: Hindrance, facts: Omit<UndeliveredOutcome, 'kind' | 'blame'>): Judgement {
  const rule = findBlameRule(hindrance);
  return { outcome: { kind: rule.kind, blame: rule.blame, ...facts }, ...effectOf(rule) };
}
