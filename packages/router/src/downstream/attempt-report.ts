/**
 * What is asked of a downstream, and what it said. A report holds words and places, no verdict: the
 * verdict is the blame table's.
 */
import type { SmtpPhase } from '@smtp-router/smtp/client';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Message, Recipient } from '../message/message.ts';
import type { StopSignal } from '../stop-signal.ts';

/** One mail transaction to be tried. */
export interface AttemptRequest {
  readonly message: Message;
  /** Recipients of this transaction, a part or all of the message's; at least one. */
  readonly recipients: readonly Recipient[];
  /** True = send content only when every recipient was accepted (DESIGN: without a spool). */
  readonly isAllOrNothing: boolean;
  /** In `Clock.now()` time; cuts every phase before the final dot. */
  readonly deadlineAt: number;
  /** Stopped = the deadline is now. */
  readonly signal?: StopSignal | undefined;
}

/** One mail transaction that was tried. */
export interface AttemptReport {
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Waiting for a connection included. */
  readonly durationMs: number;
  /** The reply to each RCPT, in the order of the request; undefined where none came. */
  readonly recipientReplies: readonly (SmtpReply | undefined)[];
  readonly end: AttemptEnd;
}

/** How a transaction ended. */
export type AttemptEnd = RepliedEnd | WithheldEnd | FailedEnd;

/** A reply ended it: the final one (`dot`), or an earlier refusal that concerns every recipient. */
export interface RepliedEnd {
  readonly kind: 'replied';
  readonly phase: SmtpPhase;
  readonly reply: SmtpReply;
}

/**
 * No content was sent because of replies to RCPT: all were refused, or one was and the request said
 * all or nothing. The refusals stand in `recipientReplies`.
 */
export interface WithheldEnd {
  readonly kind: 'withheld';
  readonly phase: 'rcpt';
}

/** It broke off. In phase `dot` the content and its end had been written: nobody knows the outcome. */
export interface FailedEnd {
  readonly kind: 'failed';
  readonly phase: SmtpPhase;
  /** A code of the router's or the SMTP engine's catalogue. */
  readonly code: string;
  /** One sentence that names the downstream; for the log. */
  readonly message: string;
  /** What the downstream said when it broke off, e.g. a 421 or a refused AUTH. */
  readonly reply?: SmtpReply;
}
