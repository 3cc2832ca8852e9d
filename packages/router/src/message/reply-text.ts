import type { SmtpReply } from '@smtp-router/smtp/grammar';

/** What other systems say is shown up to this length. */
const MAX_LENGTH = 400;

/**
 * A reply in one line for logs and for the sender: code, enhanced code, text. Whatever is not
 * printable ASCII becomes '?': a downstream's words must not forge lines of ours.
 */
export function describeReply(reply: SmtpReply): string {
  const parts = [String(reply.code)];
  if (reply.enhancedCode !== undefined) parts.push(reply.enhancedCode);
  for (const line of reply.lines) if (line !== '') parts.push(line);
  return printable(parts.join(' '));
}

/** At most 400 printable ASCII characters of a text that somebody else wrote. */
export function printable(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(/[^\x20-\x7e]/g, '?');
}
