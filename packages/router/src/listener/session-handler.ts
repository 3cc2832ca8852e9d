/**
 * The seam between `listener` (sockets, timers, the protocol engine) and whoever decides what a
 * session may do. `listener` knows no configuration, no users and no messages.
 */
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { AuthEvent, ContentEndEvent, MailEvent, RcptEvent } from '@smtp-router/smtp/server';

/** Made once per connection. */
export type SessionHandlerFactory = (connection: ConnectionFacts) => SessionHandler;

/** What a listener knows of a connection. */
export interface ConnectionFacts {
  readonly sessionId: string;
  /** `address:port` the client connected to, as configured. */
  readonly listener: string;
  readonly clientAddress: string;
  /** TLS from the first byte; `tlsStarted` tells of STARTTLS. */
  readonly isTls: boolean;
}

/** A reply now or later; the engine waits, bytes stay in the kernel. */
export type Answer = SmtpReply | Promise<SmtpReply>;

/** Decides for one session. Every method that answers is called with at most one pending. */
export interface SessionHandler {
  /** STARTTLS is done: what the client said before counts for nothing (RFC 3207 §4.2). */
  tlsStarted(): void;
  hello(domain: string, verb: 'EHLO' | 'HELO'): void;
  auth(event: AuthEvent): Answer;
  mail(event: MailEvent): Answer;
  rcpt(event: RcptEvent): Answer;
  /** A positive code lets the engine send 354. */
  data(): Answer;
  /** A promise asks for back-pressure: nothing more is read until it settles. The bytes are the handler's own. */
  content(bytes: Uint8Array): void | Promise<void>;
  contentEnd(event: ContentEndEvent): Answer;
  reset(): void;
  protocolError(code: string, message: string): void;
  /** Last call; after it nothing else is called. */
  closed(reason: string): void;
}
