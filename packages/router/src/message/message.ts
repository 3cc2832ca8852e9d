/**
 * A message on its way through the router: envelope as received, content that can be read again for
 * every attempt, and facts of the session it came in by.
 */
import type { EsmtpParameter, Path } from '@smtp-router/smtp/grammar';
import type { MessageBody } from './message-body.ts';

/** One accepted message. Immutable; whoever created it releases the body. */
export interface Message {
  /** Unique in this router; appears in Received, in the 250, in logs. Printable, no spaces. */
  readonly id: string;
  readonly envelope: Envelope;
  readonly body: MessageBody;
  readonly session: SessionFacts;
  /** Unix milliseconds of the client's final dot. */
  readonly receivedAt: number;
}

/** Envelope of a mail transaction (RFC 5321 §2.3.1), byte for byte as received. */
export interface Envelope {
  readonly reversePath: Path;
  readonly mailParameters: readonly EsmtpParameter[];
  /** At least one. */
  readonly forwardPaths: readonly Recipient[];
}

/** One accepted RCPT. */
export interface Recipient {
  /** Position in the transaction, from 0; the key of outcomes and routes. */
  readonly id: number;
  readonly path: Path;
  readonly parameters: readonly EsmtpParameter[];
}

/** What is known of the session a message was submitted in. Never a secret. */
export interface SessionFacts {
  readonly sessionId: string;
  /** `address:port` of the listener; `control` for mail handed in by the command line. */
  readonly listener: string;
  readonly clientAddress: string;
  readonly helo: string;
  readonly isTls: boolean;
  readonly isEsmtp: boolean;
  readonly isAuthenticated: boolean;
  /** Configured user the mail is sent under. */
  readonly user: string;
}
