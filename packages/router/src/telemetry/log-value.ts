import type { SmtpReply } from '@smtp-router/smtp/grammar';

/** A duration as it is logged: a tenth of a millisecond is enough for people; more digits only fill disks. */
export function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

/** A reply in one line, as the downstream gave it. */
export function replyText({ code, enhancedCode, lines }: SmtpReply): string {
  const words = lines.length === 1 ? lines[0] : lines.join(' ');
  return enhancedCode === undefined ? `${code} ${words}` : `${code} ${enhancedCode} ${words}`;
}
