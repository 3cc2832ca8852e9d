/** What a plugin author may answer, from the shortest to the complete form. */
import type { DownstreamView, SelectReply, SelectRequest } from '../contract/index.ts';
import { unknownDownstream } from '../contract/reply-fault.ts';
import { validateReply } from '../contract/validate-reply.ts';

/** One downstream: its id, its `host:port`, or the view from the request. */
export type Choice = string | Pick<DownstreamView, 'id'>;

/** One choice, several in the order to try them, or a complete reply. */
export type Answer = Choice | readonly Choice[] | SelectReply;

/** Name used in messages of faults; the host puts the configured name of the plugin in front. */
const SELF = 'this plugin';

/**
 * Answers the valid reply an author's answer stands for.
 *
 * Throws `SelectorError` as `validateReply` does.
 */
export function replyFromAnswer(answer: unknown, request: SelectRequest): SelectReply {
  if (isReply(answer)) return validateReply(answer, request, SELF);
  const choices: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  const candidateIds = choices.map((choice) => idOf(choice, request));
  return validateReply(
    { kind: 'route', routes: [{ recipientIds: [], candidateIds }], reason: '' },
    request,
    SELF,
  );
}

function isReply(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'kind' in answer;
}

/** The id a choice names; an address stands for the first downstream that has it. */
function idOf(choice: unknown, { downstreams }: SelectRequest): unknown {
  if (typeof choice === 'object' && choice !== null && 'id' in choice) return choice.id;
  if (typeof choice !== 'string') return choice;
  const chosen =
    downstreams.find((downstream) => downstream.id === choice) ??
    downstreams.find((downstream) => downstream.addr === choice);
  if (chosen === undefined) throw unknownDownstream(SELF, choice, downstreams.length);
  return chosen.id;
}
