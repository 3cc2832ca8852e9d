/** An explanation in lines for people. */
import type { ExplainedCandidate, ExplainedRoute, ExplainResult } from '../control/control-message.ts';
import { decisionText } from './decision-text.ts';
import { remedyOf } from './describe-error.ts';

/** Decision first, then each route with its candidates, then what the client would hear. */
export function explainLines(result: ExplainResult): readonly string[] {
  return [
    ...(result.refusal === undefined
      ? []
      : [`a client is refused before that: ${replyText(result.refusal)} (allowed_senders)`]),
    ...decisionLines(result),
    ...result.routes.flatMap((route) => routeLines(route, result.isAnyoneAsked)),
    clientLine(result),
  ];
}

function decisionLines({ selection, verdict }: ExplainResult): readonly string[] {
  const { faultCode } = selection;
  const remedy = faultCode === undefined ? undefined : remedyOf(faultCode);
  return [
    decisionText(selection),
    ...(remedy === undefined ? [] : [`  ${remedy}`]),
    ...(verdict === undefined ? [] : [`  verdict ${verdict.kind}: ${verdict.text || 'no text given'}`]),
  ];
}

function routeLines({ recipients, candidates }: ExplainedRoute, isAsked: boolean): readonly string[] {
  const tried = candidates.filter(({ passedOver }) => passedOver === undefined);
  return [
    `to ${recipients.join(', ')}`,
    ...candidates.map((candidate, index) => {
      const { downstream, addr, state } = candidate;
      const place = addr === downstream ? state : `${addr}, ${state}`;
      return `  ${index + 1}. ${downstream} (${place}): ${fateOf(candidate, isAsked ? tried.indexOf(candidate) : -1)}${senderOf(candidate)}`;
    }),
  ];
}

function fateOf({ passedOver }: ExplainedCandidate, turn: number): string {
  if (passedOver !== undefined) return `passed over: ${passedOver.message} [${passedOver.code}]`;
  if (turn < 0) return 'would not be tried';
  return turn === 0 ? 'would be tried first' : 'would be tried when those before it fail';
}

function senderOf({ rewritten, passedOver }: ExplainedCandidate): string {
  if (rewritten === undefined || passedOver !== undefined) return '';
  const { mailFrom, from } = rewritten;
  const senders = [
    ...(mailFrom === undefined ? [] : [`<${mailFrom}> in the envelope`]),
    ...(from === undefined ? [] : [`${from} in From`]),
  ];
  return `, with ${senders.join(' and ')}`;
}

function clientLine({ reply }: ExplainResult): string {
  return reply === undefined
    ? 'The client hears what the downstream says.'
    : `The client hears ${replyText(reply)}`;
}

function replyText({ code, text }: NonNullable<ExplainResult['reply']>): string {
  return `${code} ${text}`;
}
