import type { Clock } from '../clock.ts';
import type { BodyStorage } from '../message/body-writer.ts';
import type { Authenticator } from './authenticator.ts';
import type { GuessingBrake } from './guessing-brake.ts';
import type { SenderPolicy } from './sender-policy.ts';

/** What one listener allows its clients. Immutable; a session keeps the options it began with. */
export interface SubmissionOptions {
  /** The router's own name, for the trace field. */
  readonly hostname: string;
  readonly authenticator: Authenticator;
  /** Shared by all listeners, since guesses come by each of them; absent = failures are told at once. */
  readonly brake?: GuessingBrake;
  /** Whether the engine offers AUTH, now or once TLS is started; decides which refusal a stranger hears. */
  readonly isAuthOffered: boolean;
  /** A stranger in clear is told to start TLS first (RFC 3207 §4). Default false. */
  readonly isAuthOnlyWithTls?: boolean;
  /** Mail without AUTH; absent = AUTH is required. */
  readonly anonymous?: AnonymousAccess;
  /** Absent = every user may send under any address. */
  readonly senders?: SenderPolicy;
  readonly limits: SubmissionLimits;
  /** Shared by all listeners; absent = content stays in memory, however much. */
  readonly storage?: BodyStorage;
  readonly clock?: Clock;
}

/** Who may send without AUTH, and as whom. */
export interface AnonymousAccess {
  /** Configured user the mail is sent under. */
  readonly user: string;
  /** CIDR networks of clients that may; everybody else needs AUTH. */
  readonly networks: readonly string[];
}

/** Enforced while reading. */
export interface SubmissionLimits {
  /** Largest content in bytes, the router's trace field not counted. */
  readonly messageSizeBytes: number;
  /** Recipients per mail transaction; RFC 5321 §4.5.3.1.8 asks for 100 at least. */
  readonly recipients: number;
  /** Fewer for users whose mail nobody would take otherwise, by user. */
  readonly recipientsByUser?: ReadonlyMap<string, number>;
  /** More Received fields than this are a mail loop (RFC 5321 §6.3). Default 100. */
  readonly receivedFields?: number;
}

/** RFC 5321 §6.3 asks for a large number, 100 at least. */
export const DEFAULT_RECEIVED_FIELDS = 100;
