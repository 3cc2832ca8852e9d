/** What a session offers in reply to EHLO (RFC 5321 §4.1.1.1). */
import type { SmtpServerOptions } from './server-options.ts';

/** EHLO keywords the engine can offer. */
export type OfferedExtension =
  | 'PIPELINING'
  | 'SIZE'
  | '8BITMIME'
  | 'ENHANCEDSTATUSCODES'
  | 'STARTTLS'
  | 'AUTH'
  | 'SMTPUTF8'
  | 'DSN'
  | 'CHUNKING';

/** Keywords with their parameters, in the order they are offered. */
export type ExtensionOffer = ReadonlyMap<OfferedExtension, string>;

/** After HELO there are no extensions. */
export const NOTHING_OFFERED: ExtensionOffer = new Map();

/** The offer; it changes when TLS is started. */
export function offerExtensions(options: SmtpServerOptions, isTls: boolean): ExtensionOffer {
  const offer = new Map<OfferedExtension, string>([
    ['PIPELINING', ''],
    ['SIZE', options.maxMessageBytes === undefined ? '' : String(options.maxMessageBytes)],
    ['8BITMIME', ''],
    ['ENHANCEDSTATUSCODES', ''],
  ]);
  if (options.isStartTlsOffered === true && !isTls) offer.set('STARTTLS', '');
  const mechanisms = options.auth ?? [];
  const isAuthOffered = mechanisms.length > 0 && (isTls || options.isAuthOnlyWithTls !== true);
  if (isAuthOffered) offer.set('AUTH', mechanisms.join(' '));
  if (options.isSmtpUtf8Offered === true) offer.set('SMTPUTF8', '');
  if (options.isDsnOffered === true) offer.set('DSN', '');
  if (options.isChunkingOffered === true) offer.set('CHUNKING', '');
  return offer;
}

/** The lines behind the first one of the reply to EHLO. */
export function offerLines(offer: ExtensionOffer): readonly string[] {
  return [...offer].map(([keyword, parameters]) =>
    parameters === '' ? keyword : `${keyword} ${parameters}`,
  );
}
