import { printableText, type SmtpReply } from '@smtp-router/smtp/grammar';

/** What other systems say is shown up to this length. */
const MAX_LENGTH = 400;

/**
 * A reply in one line for logs and for the sender: code, enhanced code, text. Whatever is not
 * printable ASCII becomes '?': a downstream's words must not forge lines of ours.
 */
export function describeReply(reply: SmtpReply): string {
  let text = String(reply.code);
  if (reply.enhancedCode !== undefined) text += ` ${reply.enhancedCode}`;
  for (const line of reply.lines) if (line !== '') text += ` ${line}`;
  return printable(text);
}

/** At most 400 printable ASCII characters of a text that somebody else wrote. */
export function printable(text: string): string {
  return printableText(text, MAX_LENGTH);
}
