import type { HealthBlame } from '../downstream/health.ts';
import type { HealthVerdict } from '../downstream/health-watch.ts';
import type { Blame } from '../message/outcome.ts';
import type { Judgement } from './judge-attempt.ts';

/** What the judgements of one attempt say of the downstream; undefined = nothing (the message's own fault). */
export function healthVerdict(judgements: readonly Judgement[]): HealthVerdict | undefined {
  if (judgements.some(({ outcome }) => outcome.kind === 'delivered')) return { kind: 'delivered' };
  for (const { outcome, countsAgainstHealth } of judgements) {
    if (outcome.kind === 'delivered' || !countsAgainstHealth) continue;
    const blame = healthBlame(outcome.blame);
    if (blame !== undefined) return { kind: 'blamed', blame, message: outcome.message };
  }
  return undefined;
}

function healthBlame(blame: Blame): HealthBlame | undefined {
  switch (blame) {
    case 'network':
    case 'downstream':
    case 'credentials':
    case 'throttle':
      return blame;
    default:
      return undefined;
  }
}
