import type { SmtpReply } from '@smtp-router/smtp/grammar';

/** What a reply to a client may hold: printable ASCII, short enough for every client's line buffer (RFC 5321 §4.5.3.1.5). */
export const MAX_REPLY_TEXT_BYTES = 400;

/**
 * Foreign text made fit for one reply line: line ends and control characters become spaces, other
 * characters outside of ASCII a question mark, cut at `maxBytes`.
 */
export function printable(text: string, maxBytes: number = MAX_REPLY_TEXT_BYTES): string {
  // Cutting first keeps the work small; one character is never less than one byte.
  return text
    .slice(0, maxBytes * 2)
    .replace(/[^\x20-\x7e]+/gu, (run) => (/^\s+$/.test(run) || /\p{Cc}/u.test(run) ? ' ' : '?'))
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, Math.max(0, maxBytes));
}

/** A downstream's reply in one line, code first, e.g. `550 5.1.1 No such user`. */
export function quoteReply(reply: SmtpReply): string {
  return [String(reply.code), reply.enhancedCode, ...reply.lines]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** `before`, as much of the foreign text as fits, then ` (id …)`, in at most `MAX_REPLY_TEXT_BYTES`. */
export function composeText(before: string, foreign: string, messageId: string): string {
  const start = printable(before, 200);
  const end = ` (id ${printable(messageId, 60)})`;
  const quoted = printable(foreign, MAX_REPLY_TEXT_BYTES - start.length - end.length - 2);
  return `${start}${quoted === '' ? '' : `: ${quoted}`}${end}`;
}
