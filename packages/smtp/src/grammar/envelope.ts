/**
 * The words of an SMTP envelope (RFC 5321 §2.3.1, §4.1.2): paths and ESMTP parameters, parsed
 * strictly and kept as received, so that what goes downstream equals what came in.
 */

/** A parsed mailbox (RFC 5321 §4.1.2). Both parts are exactly as received. */
export interface Mailbox {
  /** Dot-string or quoted-string, quotes included. */
  readonly localPart: string;
  /** Domain name or address literal, brackets included. Empty only for `<Postmaster>`. */
  readonly domain: string;
}

/**
 * Reverse-path or forward-path. `address` is the text between the angle brackets, byte for byte
 * (valid UTF-8 only, so string and bytes convert without loss); '' is the null reverse-path `<>`.
 * An obsolete source route (`@a,@b:`) is accepted and left out, as RFC 5321 Appendix C asks.
 */
export interface Path {
  readonly address: string;
  /** Absent only for the null reverse-path. */
  readonly mailbox?: Mailbox;
}

/** One ESMTP parameter of MAIL or RCPT (RFC 5321 §4.1.2 `esmtp-param`). */
export interface EsmtpParameter {
  /** Upper-cased keyword. */
  readonly keyword: string;
  /** Value as received; absent when the parameter has none. */
  readonly value?: string;
}
