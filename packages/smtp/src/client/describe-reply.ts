import { printableText } from '../grammar/printable-text.ts';
import type { SmtpReply } from '../grammar/reply.ts';

/** A server's reply in one line of a message; what it says cannot forge lines of ours. */
export function describeReply({ code, enhancedCode, lines }: SmtpReply): string {
  const words = [String(code), enhancedCode ?? '', ...lines].filter((word) => word !== '');
  return printableText(words.join(' '));
}
