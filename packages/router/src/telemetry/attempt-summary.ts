import type { Attempt, Outcome, UndeliveredOutcome } from '../message/outcome.ts';

/** What an attempt came to, for one row of a log or one count of a metric. */
export interface AttemptSummary {
  readonly downstream: string;
  readonly kind: Outcome['kind'];
  /** Empty when everything was delivered. */
  readonly blame: string;
  /** The outcome that decided; absent for an attempt without outcomes. */
  readonly outcome?: Outcome;
}

/** Gravest first; a recipient held back for another one's sake decides only when nothing else did. */
export function summarizeAttempt(attempt: Attempt): AttemptSummary {
  const outcome =
    attempt.outcomes.find((other) => other.kind === 'ambiguous') ??
    attempt.outcomes.find((other) => other.kind !== 'delivered' && !isHeldBack(other)) ??
    attempt.outcomes.find((other) => other.kind !== 'delivered') ??
    attempt.outcomes[0];
  if (outcome === undefined) return { downstream: attempt.downstreamId, kind: 'deferred', blame: 'router' };
  const blame = outcome.kind === 'delivered' ? '' : outcome.blame;
  return { downstream: attempt.downstreamId, kind: outcome.kind, blame, outcome };
}

function isHeldBack(outcome: UndeliveredOutcome): boolean {
  return outcome.errorCode === 'ROUTER_ALL_OR_NOTHING';
}
