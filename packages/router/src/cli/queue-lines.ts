/** Spooled mail in words for people. */
import type { LedgerEntry, SpooledRecipient, SpoolTrace } from '../delivery/mail-queue.ts';
import type { Attempt } from '../message/outcome.ts';
import { describeReply } from '../message/reply-text.ts';

/** One line for each recipient, and one that counts them. */
export function queueLines(recipients: readonly SpooledRecipient[], limit: number): readonly string[] {
  if (recipients.length === 0) return ['nothing waits'];
  const messages = new Set(recipients.map(({ messageId }) => messageId)).size;
  const more = recipients.length === limit ? `; there may be more, --limit shows them` : '';
  return [
    ...recipients.map(recipientLine),
    `${count(recipients.length, 'recipient')} of ${count(messages, 'message')}${more}`,
  ];
}

/** A message from its arrival on. */
export function traceLines(trace: SpoolTrace): readonly string[] {
  const { messageId, user, mailFrom, sizeBytes, receivedAt, isClaimed, recipients, entries } = trace;
  return [
    `${messageId} from <${mailFrom}>, user ${user}, ${sizeBytes} bytes, received ${new Date(receivedAt).toISOString()}${isClaimed ? ', being tried now' : ''}`,
    ...entries.flatMap((entry) => entryLines(entry, recipients)),
    ...recipients.map((recipient) => `now ${recipientLine(recipient)}`),
  ];
}

function recipientLine(recipient: SpooledRecipient): string {
  const { messageId, address, state, dueInMs, ageMs, deferrals, downstreamId, reason } = recipient;
  const when =
    state === 'due' && dueInMs !== undefined
      ? dueInMs === 0
        ? 'due now'
        : `due in ${span(dueInMs)}`
      : state;
  const tries = deferrals === 0 ? '' : `, deferred ${deferrals} times`;
  const who = downstreamId === undefined ? '' : ` ${downstreamId}:`;
  const why = reason === '' ? '' : `,${who} ${reason}`;
  return `${messageId} <${address}>: ${when}, ${span(ageMs)} old${tries}${why}`;
}

function entryLines(entry: LedgerEntry, recipients: readonly SpooledRecipient[]): readonly string[] {
  const { at, selection, attempts, note } = entry;
  const chosen = selection?.routes.map((route) => route.join(', ')).join('; ') || 'nobody';
  const why =
    selection === undefined || selection.selector === ''
      ? ''
      : `${selection.selector} chose ${chosen}: ${selection.reason}`;
  return [
    `${new Date(at).toISOString()} ${[why, note ?? ''].filter((text) => text !== '').join('; ')}`.trimEnd(),
    ...attempts.flatMap((attempt) => attemptLines(attempt, recipients)),
  ];
}

function attemptLines(attempt: Attempt, recipients: readonly SpooledRecipient[]): readonly string[] {
  return attempt.outcomes.map((outcome, index) => {
    const id = attempt.recipientIds[index];
    const address = recipients.find(({ recipientId }) => recipientId === id)?.address ?? String(id);
    const said =
      outcome.kind === 'delivered' || outcome.reply !== undefined
        ? describeReply(outcome.reply ?? { code: 0, lines: [] })
        : outcome.message;
    return `  ${attempt.downstreamId}, ${attempt.phase}, ${Math.round(attempt.durationMs)} ms, <${address}>: ${outcome.kind}, ${said}`;
  });
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function span(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
