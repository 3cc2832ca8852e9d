/**
 * The fields of the line every message gets. It is most of what a log costs, so its JSON is put together
 * here piece by piece, without an object in between; it is what `JSON.stringify` would have made of one.
 */
import type { MessageEnded } from '../events/router-event.ts';
import type { Attempt, UndeliveredOutcome } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';
import { summarizeAttempt } from './attempt-summary.ts';
import { jsonNumber, jsonTenths, jsonText, jsonTexts } from './json-text.ts';
import type { LogPrivacy } from './log-privacy.ts';
import { replyText } from './log-value.ts';

/** A message may have a thousand recipients; a line shows so many and the number of all. */
const MAX_RECIPIENTS_SHOWN = 50;

/** The fields, `msg` as the last one, without the braces around them. */
export function messageFields(event: MessageEnded, privacy: LogPrivacy): string {
  const { result, replyCode, recipients, attempts } = event;
  const reply = jsonText(privacy.text(event.replyText));
  return (
    `"session_id":"${jsonText(event.sessionId)}","message_id":"${jsonText(event.messageId)}",` +
    `"user":"${address(event.user, privacy)}","mail_from":"${address(event.mailFrom, privacy)}",` +
    `"recipients":${recipientList(recipients, privacy)},"recipient_count":${recipients.length},` +
    `"size_bytes":${jsonNumber(event.sizeBytes)},"result":"${result}","reply_code":${replyCode},` +
    `"reply":"${reply}","duration_ms":${jsonTenths(event.durationMs)}${lastDownstream(attempts)}` +
    `${selectionFields(event.selection, privacy)},"attempts":[${attemptList(attempts, privacy)}],` +
    `"msg":"${result}: ${replyCode} ${reply}"`
  );
}

function address(text: string, privacy: LogPrivacy): string {
  return jsonText(privacy.address(text));
}

function recipientList(recipients: readonly string[], privacy: LogPrivacy): string {
  const first = recipients[0];
  if (first !== undefined && recipients.length === 1) return `["${address(first, privacy)}"]`;
  const shown = recipients.slice(0, MAX_RECIPIENTS_SHOWN);
  return JSON.stringify(shown.map((recipient) => privacy.address(recipient)));
}

function lastDownstream(attempts: readonly Attempt[]): string {
  const last = attempts[attempts.length - 1];
  return last === undefined ? '' : `,"downstream":"${jsonText(last.downstreamId)}"`;
}

function selectionFields(selection: SelectionRecord | undefined, privacy: LogPrivacy): string {
  if (selection === undefined) return '';
  const { selector, decidedBy, faultCode, reason, routes, durationMs } = selection;
  const fault = faultCode === undefined ? '' : `"fault_code":"${jsonText(faultCode)}",`;
  return (
    `,"selector":"${jsonText(selector)}","decided_by":"${decidedBy}",` +
    `${fault}"reason":"${jsonText(privacy.text(reason))}","routes":${routeList(routes)},` +
    `"selection_ms":${jsonTenths(durationMs)}`
  );
}

function routeList(routes: SelectionRecord['routes']): string {
  const first = routes[0];
  return first === undefined || routes.length > 1 ? JSON.stringify(routes) : `[${jsonTexts(first)}]`;
}

function attemptList(attempts: readonly Attempt[], privacy: LogPrivacy): string {
  let list = '';
  for (const attempt of attempts) {
    if (list !== '') list += ',';
    list += attemptObject(attempt, privacy);
  }
  return list;
}

function attemptObject(attempt: Attempt, privacy: LogPrivacy): string {
  const { kind, blame, outcome } = summarizeAttempt(attempt);
  const blamed = blame === '' ? '' : `"blame":"${blame}",`;
  const reply =
    outcome?.reply === undefined ? '' : `"reply":"${jsonText(privacy.text(replyText(outcome.reply)))}",`;
  const cause = outcome === undefined || outcome.kind === 'delivered' ? '' : causeFields(outcome, privacy);
  return (
    `{"downstream":"${jsonText(attempt.downstreamId)}","phase":"${attempt.phase}","outcome":"${kind}",` +
    `${blamed}${reply}${cause}"recipient_count":${attempt.recipientIds.length},` +
    `"duration_ms":${jsonTenths(attempt.durationMs)}}`
  );
}

function causeFields({ errorCode, message }: UndeliveredOutcome, privacy: LogPrivacy): string {
  const code = errorCode === undefined ? '' : `"error_code":"${jsonText(errorCode)}",`;
  return `${code}"error":"${jsonText(privacy.text(message))}",`;
}
