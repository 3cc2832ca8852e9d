/**
 * Everything submission itself tells a client. Enhanced codes by RFC 3463; AUTH replies by RFC 4954
 * §6. Texts are public: they name nothing of the configuration.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { ContentFault } from '@smtp-router/smtp/server';

export const AUTH_ACCEPTED = reply(235, '2.7.0', 'Authentication successful');
export const AUTH_REFUSED = reply(535, '5.7.8', 'Authentication credentials invalid');
export const AUTH_UNAVAILABLE = reply(454, '4.7.0', 'Temporary authentication failure, try again later');
export const AUTH_TOO_OFTEN = reply(421, '4.7.0', 'Too many failed authentications, closing');
export const TLS_REQUIRED = reply(530, '5.7.0', 'Must issue a STARTTLS command first');
export const AUTH_REQUIRED = reply(530, '5.7.0', 'Authentication required');
export const CLIENT_NOT_ALLOWED = reply(550, '5.7.1', 'This client may not send mail here');
export const SENDER_NOT_ALLOWED = reply(550, '5.7.1', 'This login may not send under that sender address');
export const FROM_NOT_ALLOWED = reply(
  550,
  '5.7.1',
  'The From field has an address that this login may not send under',
);
export const FROM_UNREADABLE = reply(
  550,
  '5.7.1',
  'The message needs one From field with nothing but mailboxes, within the first 64 KiB',
);
export const SENDER_OK = reply(250, '2.1.0', 'Ok');
export const RECIPIENT_OK = reply(250, '2.1.5', 'Ok');
export const TOO_MANY_RECIPIENTS = reply(
  452,
  '4.5.3',
  'Too many recipients, send the rest in another transaction',
);
export const START_CONTENT: SmtpReply = { code: 354, lines: ['End data with <CR><LF>.<CR><LF>'] };
export const MESSAGE_TOO_LARGE = reply(552, '5.3.4', 'Message is larger than this server accepts');
export const NOT_STORED = reply(452, '4.3.1', 'The message could not be stored here now, try again later');
export const MAIL_LOOP = reply(554, '5.4.6', 'Too many Received fields, this message goes in circles');

/** What is answered to content that broke a rule; the engine insists on the same. */
export const CONTENT_FAULT_REPLIES: Readonly<Record<ContentFault, SmtpReply>> = {
  'too-large': MESSAGE_TOO_LARGE,
  'bare-cr': reply(550, '5.6.11', 'Message holds a bare CR; lines end with CR LF'),
  'bare-lf': reply(550, '5.6.11', 'Message holds a bare LF; lines end with CR LF'),
  nul: reply(550, '5.6.0', 'Message holds a NUL byte'),
  'eight-bit': reply(550, '5.6.1', 'Message holds 8-bit bytes that were not announced'),
};

function reply(code: number, enhancedCode: string, text: string): SmtpReply {
  return { code, enhancedCode, lines: [text] };
}
