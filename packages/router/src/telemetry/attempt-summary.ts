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
export function summarizeAttempt({ downstreamId: downstream, outcomes }: Attempt): AttemptSummary {
  const outcome = gravest(outcomes);
  if (outcome === undefined) return { downstream, kind: 'deferred', blame: 'router' };
  const blame = outcome.kind === 'delivered' ? '' : outcome.blame;
  return { downstream, kind: outcome.kind, blame, outcome };
}

/** The first of the gravest; one look at each, since nearly always all are delivered. */
function gravest(outcomes: readonly Outcome[]): Outcome | undefined {
  let found: Outcome | undefined;
  for (const outcome of outcomes) {
    if (found === undefined || gravity(outcome) > gravity(found)) found = outcome;
  }
  return found;
}

function gravity(outcome: Outcome): number {
  if (outcome.kind === 'delivered') return 0;
  if (outcome.kind === 'ambiguous') return 3;
  return isHeldBack(outcome) ? 1 : 2;
}

function isHeldBack(outcome: UndeliveredOutcome): boolean {
  return outcome.errorCode === 'ROUTER_ALL_OR_NOTHING';
}
