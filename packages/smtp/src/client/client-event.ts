/**
 * What the client engine reports. The engine speaks one session with a downstream: greeting, EHLO,
 * STARTTLS, AUTH, then mail transactions one after the other.
 */
import type { SmtpReply } from '../grammar/reply.ts';

/** Where a session stands; time-outs and outcomes are named by it (RFC 5321 §4.5.3.2). */
export type SmtpPhase =
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dot'
  | 'rset'
  | 'quit';

export type SmtpClientEvent =
  | ReadyEvent
  | TlsWantedEvent
  | RecipientReplyEvent
  | EnvelopeEndEvent
  | ContentWantedEvent
  | TransactionEndEvent
  | SessionFailedEvent;

/** Greeting, EHLO, STARTTLS and AUTH are done (or RSET was answered): a transaction may start. */
export interface ReadyEvent {
  readonly kind: 'ready';
}

/**
 * The downstream answered 220 to STARTTLS: wrap the transport, then call `tlsStarted()`.
 * Everything learnt before is forgotten; bytes buffered behind the reply fail the session.
 */
export interface TlsWantedEvent {
  readonly kind: 'tls-wanted';
}

/** The reply to one RCPT, in the order they were given. */
export interface RecipientReplyEvent {
  readonly kind: 'recipient-reply';
  readonly index: number;
  readonly reply: SmtpReply;
}

/**
 * Every MAIL and RCPT reply has come, and DATA was not yet sent (`holdData`): the caller goes on by
 * `sendData()` or gives up by `abort()`.
 */
export interface EnvelopeEndEvent {
  readonly kind: 'envelope-end';
}

/** 354 came: write the dot-stuffed content and the end of data. */
export interface ContentWantedEvent {
  readonly kind: 'content-wanted';
}

/**
 * The transaction is over by a reply: the final one (`phase: 'dot'`), or the refusal that ended it
 * early. The session is usable again after the next `ready`.
 */
export interface TransactionEndEvent {
  readonly kind: 'transaction-end';
  readonly phase: SmtpPhase;
  readonly reply: SmtpReply;
}

/** The session cannot go on: close the transport. `reply` when the peer said why. */
export interface SessionFailedEvent {
  readonly kind: 'session-failed';
  readonly phase: SmtpPhase;
  /** A code of the catalogue, e.g. `SMTP_REPLY_TOO_LONG`, `SMTP_AUTH_NOT_OFFERED`. */
  readonly code: string;
  readonly message: string;
  readonly reply?: SmtpReply;
}
