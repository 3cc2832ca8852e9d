/**
 * SMTP replies (RFC 5321 §4.2): a three-digit code and one or more text lines, optionally led by an
 * enhanced status code (RFC 3463, RFC 2034).
 */

/** One reply, in either direction. */
export interface SmtpReply {
  /** 200 … 599. */
  readonly code: number;
  /** `class.subject.detail`, e.g. `5.1.1`; absent when the peer gave none or the reply must have none. */
  readonly enhancedCode?: string;
  /** Text lines without code, separator, enhanced code and CRLF. At least one, possibly empty. */
  readonly lines: readonly string[];
}

/** The first digit of a reply code in words (RFC 5321 §4.2.1). */
export type ReplyClass =
  | 'positive-completion'
  | 'positive-intermediate'
  | 'transient-negative'
  | 'permanent-negative';
