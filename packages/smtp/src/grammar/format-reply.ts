/** Replies as a server writes them (RFC 5321 §4.2, §4.2.1). */
import { isEnhancedCode } from './enhanced-status.ts';
import { printableText } from './printable-text.ts';
import type { SmtpReply } from './reply.ts';
import { encodeUtf8 } from './text-codec.ts';

/** Octets of a reply line with its code and CRLF (RFC 5321 §4.5.3.1.5). */
const MAX_REPLY_LINE_OCTETS = 512;
const DIGIT_ZERO = 0x30;

/** The bytes of a reply, every line ended by CRLF. Anything but printable ASCII is replaced by '?'. */
export function formatReply(reply: SmtpReply): Uint8Array {
  return encodeUtf8(formatReplyText(reply));
}

/** The same as text; ASCII only. */
export function formatReplyText(reply: SmtpReply): string {
  const { code, lines } = reply;
  const enhanced = enhancedPrefix(reply);
  const lastIndex = Math.max(0, lines.length - 1);
  let text = '';
  for (let index = 0; index <= lastIndex; index += 1) {
    const head = `${code}${index === lastIndex ? ' ' : '-'}${enhanced}`;
    text += `${head}${printableText(lines[index] ?? '', MAX_REPLY_LINE_OCTETS - 2 - head.length)}\r\n`;
  }
  return text;
}

/** RFC 2034 §4: a code in every line, of the same class as the reply, never with 3xx. */
function enhancedPrefix({ code, enhancedCode }: SmtpReply): string {
  if (enhancedCode === undefined || !isEnhancedCode(enhancedCode)) return '';
  const isSameClass = Math.floor(code / 100) === enhancedCode.charCodeAt(0) - DIGIT_ZERO;
  return isSameClass ? `${enhancedCode} ` : '';
}
