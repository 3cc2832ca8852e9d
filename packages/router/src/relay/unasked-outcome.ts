import type { UndeliveredOutcome } from '../message/outcome.ts';
import { printable } from '../message/reply-text.ts';
import type { RelayVerdict } from './relay-result.ts';

/** Why no downstream was asked. */
type UnaskedCode =
  | 'ROUTER_BUDGET_ENDED'
  | 'ROUTER_DOWNSTREAM_DOWN'
  | 'ROUTER_SELECTION_FAILED'
  | 'ROUTER_SPLIT_NEEDS_SPOOL'
  | 'ROUTER_SELECTOR_VERDICT';

/** The time was over before a downstream could be asked. */
export function budgetEnded(): UndeliveredOutcome {
  return deferred('ROUTER_BUDGET_ENDED', 'The time for the message ended before a downstream was asked.');
}

/** Nobody of a route is well, and the message can wait until somebody is. */
export function noneIsWell(names: readonly string[]): UndeliveredOutcome {
  const message = `No downstream of the route is up (${names.join(', ')}).`;
  const [downstreamId = ''] = names;
  return { ...deferred('ROUTER_DOWNSTREAM_DOWN', message), downstreamId, blame: 'network' };
}

/** No usable decision; `why` is a sentence for the log. */
export function selectionFailed(why: string): UndeliveredOutcome {
  return deferred('ROUTER_SELECTION_FAILED', why);
}

/** Several routes cannot be all or nothing. */
export function splitNeedsSpool(selector: string, routes: number): UndeliveredOutcome {
  const message = `Selector ${selector} split the message over ${routes} routes, which needs a spool.`;
  return deferred('ROUTER_SPLIT_NEEDS_SPOOL', message);
}

/** The selector decided not to route. Without a spool `hold` is a deferral: the client keeps the message. */
export function verdictOutcome(selector: string, verdict: RelayVerdict): UndeliveredOutcome {
  const text = printable(verdict.text);
  const message = `Selector ${selector} answered ${verdict.kind}${text === '' ? '' : `: ${text}`}.`;
  const outcome = deferred('ROUTER_SELECTOR_VERDICT', message);
  return verdict.kind === 'reject' ? { ...outcome, kind: 'failed' } : outcome;
}

function deferred(errorCode: UnaskedCode, message: string): UndeliveredOutcome {
  return { kind: 'deferred', phase: 'connect', blame: 'router', errorCode, message };
}
