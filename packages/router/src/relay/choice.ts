/** Asks a selection, but not longer than the message has time. */
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { Clock } from '../clock.ts';
import type { AttemptLimit } from '../downstream/attempt-limit.ts';
import type { UndeliveredOutcome } from '../message/outcome.ts';
import { printable } from '../message/reply-text.ts';
import type { SelectionRecord } from '../message/selection-record.ts';
import type { Selection } from '../selection/selection.ts';
import { budgetEnded, selectionFailed } from './unasked-outcome.ts';

/** A decision, or what the recipients get to know instead. */
export type Choice =
  | { readonly kind: 'decided'; readonly record: SelectionRecord; readonly reply: SelectReply }
  | { readonly kind: 'none'; readonly record: SelectionRecord; readonly outcome: UndeliveredOutcome };

/** Until when to wait. */
export interface ChoiceLimit {
  readonly limit: AttemptLimit;
  readonly clock: Clock;
}

/** Never rejects: a selection that does is a defect, and the message is deferred. */
export async function choose(
  selection: Selection,
  request: SelectRequest,
  time: ChoiceLimit,
): Promise<Choice> {
  const begunAt = time.clock.now();
  const facts = (reason: string) => ({
    selector: selection.name,
    reason,
    durationMs: time.clock.now() - begunAt,
  });
  try {
    const decision = await withinLimit(selection.select(request), time);
    if (decision !== undefined) {
      return { kind: 'decided', record: decision.record, reply: decision.reply };
    }
    const outcome = budgetEnded();
    return notChosen(facts(outcome.message), outcome);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const outcome = selectionFailed(printable(`Selector ${selection.name} failed: ${reason}`));
    return notChosen(facts(outcome.message), outcome);
  }
}

/** A choice that could not be made. */
export function notChosen(
  facts: Pick<SelectionRecord, 'selector' | 'reason' | 'durationMs'>,
  outcome: UndeliveredOutcome,
): Choice {
  const faultCode = outcome.errorCode ?? 'ROUTER_SELECTION_FAILED';
  return { kind: 'none', record: { ...facts, decidedBy: 'fallback', faultCode, routes: [] }, outcome };
}

/** Undefined when the limit comes first; what the promise does afterwards is nobody's concern. */
function withinLimit<T>(promise: Promise<T>, { limit, clock }: ChoiceLimit): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      cancelTimer();
      limit.offStop(end);
    };
    const end = (): void => {
      settle();
      resolve(undefined);
    };
    const cancelTimer = clock.schedule(Math.max(0, limit.deadlineAt - clock.now()), end);
    limit.onStop(end);
    promise.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}
