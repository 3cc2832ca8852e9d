import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { ToldReply } from './control-message.ts';

/** An SMTP reply as commands show it. */
export function toldReply({ code, enhancedCode = '', lines }: SmtpReply): ToldReply {
  return { code, text: [enhancedCode, lines.join(' ')].join(' ').trim() };
}
