/**
 * What one attempt did to one recipient. Outcomes are values, decided by the blame table in
 * `relay/blame.ts`; `downstream` only reports what was said and where (DESIGN: relaying).
 */

import type { SmtpPhase } from '@smtp-router/smtp/client';
import type { SmtpReply } from '@smtp-router/smtp/grammar';

/**
 * Who is at fault; decides whether the next candidate is tried and whether health suffers. `router`
 * is ourselves: the budget ended, the router closes, or a decision cannot be carried out.
 */
export type Blame =
  | 'network'
  | 'downstream'
  | 'credentials'
  | 'throttle'
  | 'identity'
  | 'capability'
  | 'recipient'
  | 'content'
  | 'router';

/** Fate of one recipient in one attempt. */
export type Outcome = DeliveredOutcome | UndeliveredOutcome;

/** The downstream answered 2xx to the dot. */
export interface DeliveredOutcome {
  readonly kind: 'delivered';
  readonly downstreamId: string;
  readonly reply: SmtpReply;
}

/**
 * - `deferred`: not taken now, somebody may take it later;
 * - `failed`: refused for good;
 * - `ambiguous`: the dot was sent and no usable answer came (RFC 1047).
 */
export interface UndeliveredOutcome {
  readonly kind: 'deferred' | 'failed' | 'ambiguous';
  /** Absent when no downstream was asked at all. */
  readonly downstreamId?: string;
  readonly phase: SmtpPhase;
  readonly blame: Blame;
  /** The downstream's word, when it said something. */
  readonly reply?: SmtpReply;
  /** Catalogue code when there was no reply, e.g. `ROUTER_CONNECT_TIMEOUT`. */
  readonly errorCode?: string;
  /** For the log: names the downstream and what happened, never a secret. */
  readonly message: string;
}

/** Codes of outcomes that came from what is configured for a downstream: it was not even asked. */
const UNASKED_CODES: ReadonlySet<string> = new Set([
  'ROUTER_SENDER_NOT_VERIFIED',
  'ROUTER_FROM_NOT_REWRITABLE',
  'ROUTER_TOO_MANY_RECIPIENTS',
]);

/** Whether a downstream was passed over by its own configuration. */
export function isPassedOver(errorCode: string | undefined): boolean {
  return errorCode !== undefined && UNASKED_CODES.has(errorCode);
}

/** One attempt at one downstream: the row of a log, a trace, a history entry. */
export interface Attempt {
  readonly downstreamId: string;
  readonly recipientIds: readonly number[];
  readonly startedAt: number;
  readonly durationMs: number;
  readonly phase: SmtpPhase;
  /** One per recipient of the attempt, same order as `recipientIds`. */
  readonly outcomes: readonly Outcome[];
}
