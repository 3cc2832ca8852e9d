import type { Envelope } from './message.ts';

/**
 * True when MAIL said SMTPUTF8: addresses and header fields may hold UTF-8, and only a server that offers
 * SMTPUTF8 can take the message. Nothing is ever downgraded (RFC 6531 §3.4).
 */
export function isInternationalized({ mailParameters }: Envelope): boolean {
  return mailParameters.some(({ keyword }) => keyword === 'SMTPUTF8');
}
