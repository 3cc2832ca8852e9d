import { isAsciiText } from '@smtp-router/smtp/grammar';
import type { Envelope, Message } from './message.ts';

/** True when MAIL said SMTPUTF8: addresses and header fields may hold UTF-8. */
export function isInternationalized({ mailParameters }: Envelope): boolean {
  return mailParameters.some(({ keyword }) => keyword === 'SMTPUTF8');
}

/**
 * True when only a server that offers SMTPUTF8 can take the message: MAIL said so, and an address or the header
 * section really goes beyond ASCII. Many clients say it whenever it is offered, and a message that does not need it
 * must not be said to (RFC 6531 §3.4). One that needs it is never downgraded.
 */
export function needsSmtpUtf8({ envelope, body }: Message): boolean {
  if (!isInternationalized(envelope)) return false;
  if (!isAsciiText(envelope.reversePath.address)) return true;
  if (envelope.forwardPaths.some(({ path }) => !isAsciiText(path.address))) return true;
  return body.has8bit && body.headerSection.some((byte) => byte > 127);
}
