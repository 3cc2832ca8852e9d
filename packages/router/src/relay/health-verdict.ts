import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { HealthBlame } from '../downstream/health.ts';
import type { HealthVerdict } from '../downstream/health-watch.ts';
import type { Blame } from '../message/outcome.ts';
import type { Judgement } from './judge-attempt.ts';
import { throttleRest } from './throttle-rest.ts';

/** What the judgements of one attempt say of the downstream; undefined = nothing (the message's own fault). */
export function healthVerdict(judgements: readonly Judgement[]): HealthVerdict | undefined {
  if (judgements.some(({ outcome }) => outcome.kind === 'delivered')) return { kind: 'delivered' };
  for (const { outcome, countsAgainstHealth } of judgements) {
    if (outcome.kind === 'delivered' || !countsAgainstHealth) continue;
    const blame = healthBlame(outcome.blame);
    if (blame === undefined) continue;
    if (blame === 'throttle' && outcome.reply !== undefined) return throttled(outcome.reply, outcome.message);
    return { kind: 'blamed', blame, message: outcome.message };
  }
  return undefined;
}

function throttled(reply: SmtpReply, message: string): HealthVerdict {
  const restMs = throttleRest(reply);
  const told = `${message} It rests for ${Math.round(restMs / 1_000)} s.`;
  return { kind: 'blamed', blame: 'throttle', message: told, restMs };
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
