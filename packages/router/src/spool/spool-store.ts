/**
 * The durable spool: messages that somebody owes to their recipients, and what became of each of them.
 *
 * A store keeps and hands out; it decides nothing and knows nothing of relaying. One message is one
 * record with its recipients; each recipient is in one state:
 *
 * - `due`        entry: `put`, or a change `release`; is claimed once its time has come;
 * - `held`       entry: a settlement or a change `hold`; stays until somebody releases or drops it;
 * - `delivered`  entry: a settlement, from any state: it is a fact;
 * - `failed`     entry: a settlement; refused for good or given up;
 * - `dropped`    entry: a change `drop`; the operator does not want it any more.
 *
 * The last three are final. A record without a recipient that is due or held is finished: its content is
 * gone, the rest is kept for a day so that it can still be looked at.
 *
 * A claim takes every due recipient of a message for a time, the lease, and carries a token. Whoever
 * comes back after the lease was lost may only say that something was delivered. All times of a store
 * are those of its own clock, so that callers give spans, never moments.
 */
import type { Message } from '../message/message.ts';
import type { Attempt } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';

/** What all stores can do. Whoever made one closes it, opened or not. */
export interface SpoolStore {
  /** Comes before everything else. Rejects with `ROUTER_SPOOL_UNUSABLE` or `ROUTER_SPOOL_FAILED`. */
  open(): Promise<void>;
  /**
   * Stores a message for good; once it settles, the message outlives a crash and a power cut.
   * Idempotent: a message whose id is known changes nothing. Nobody's body is released. Rejects with
   * `ROUTER_SPOOL_FULL`, `ROUTER_SPOOL_FAILED` or `ROUTER_SPOOL_CLOSED`, then nothing is stored.
   */
  put(message: NewSpoolMessage): Promise<PutResult>;
  /** Up to `limit` messages with due recipients, the longest due first. Whoever claims releases their bodies. */
  claim(options: ClaimOptions): Promise<readonly ClaimedMessage[]>;
  /** Prolongs a lease from now on; false = it was lost. */
  renew(claim: Claim, leaseMs: number): Promise<boolean>;
  /** Records what became of recipients. */
  settle(claim: Claim, settlement: Settlement): Promise<SettleResult>;
  /** What an operator wants of recipients; answers how many it concerned. */
  change(change: SpoolChange, filter: SpoolFilter): Promise<number>;
  /** Recipients that are due or held, or those of one message in any state, oldest message first. */
  list(filter: SpoolFilter, limit: number): Promise<readonly SpooledRecipient[]>;
  /** One message with everything that happened to it; undefined = not known, or finished long ago. */
  trace(messageId: string): Promise<SpoolTrace | undefined>;
  stats(): Promise<SpoolStats>;
  /** Time until something is due, 0 when something is; undefined when nothing waits. */
  nextDueInMs(): Promise<number | undefined>;
  /** Calls when something may be due earlier than thought, as another router's put; never too rarely to matter. */
  onDue(listener: () => void): void;
  /** Ends what is under way, lets nothing new in. Idempotent. */
  close(): Promise<void>;
}

/** A message to be stored, with what is already known of its recipients. */
export interface NewSpoolMessage {
  readonly message: Message;
  /** Recipients not named are due at once. */
  readonly settlement?: Omit<Settlement, 'isLast'>;
  /** Stored under a claim of its own: nobody else may have it for this long. */
  readonly leaseMs?: number;
}

export type PutResult =
  /** With a claim when a lease was asked for. */
  { readonly kind: 'stored'; readonly claim?: Claim } | { readonly kind: 'known' };

export interface ClaimOptions {
  readonly limit: number;
  readonly leaseMs: number;
}

/** The right to settle a message. */
export interface Claim {
  readonly messageId: string;
  readonly token: string;
}

/** A message to be delivered now. */
export interface ClaimedMessage extends Claim {
  /** With all recipients of the envelope, the settled ones too. */
  readonly message: Message;
  /** Those that are to be tried now; at least one. */
  readonly due: readonly DueRecipient[];
  /** Attempts of the message before this claim. */
  readonly attempts: readonly LedgerEntry[];
  /** Since it was stored. */
  readonly ageMs: number;
  /** The claim before this one was never settled: whoever had it died, or lost its lease. */
  readonly isRecovered: boolean;
}

export interface DueRecipient {
  readonly id: number;
  /** Times it was deferred. */
  readonly deferrals: number;
  /** Sum of the delays it was given, whatever the clocks of machines did meanwhile. */
  readonly waitedMs: number;
}

/** What became of recipients. */
export interface Settlement {
  readonly recipients: readonly RecipientSettlement[];
  /** Added to the story of the message. */
  readonly entry?: LedgerEntry;
  /** True = the claim ends; recipients it did not settle are due again at once. */
  readonly isLast: boolean;
  /** Stored in the same commit, unless its id is known: the bounce for what is settled. */
  readonly also?: NewSpoolMessage;
}

export interface RecipientSettlement {
  readonly recipientId: number;
  readonly kind: 'delivered' | 'failed' | 'deferred' | 'held';
  /** When a deferred one is due again. Default at once. */
  readonly delayMs?: number;
  /** Who said so. */
  readonly downstreamId?: string;
  /** One line for people. */
  readonly reason: string;
}

/** `isCurrent` = the claim was still good; otherwise only what was delivered has been recorded, and no `also`. */
export interface SettleResult {
  readonly isCurrent: boolean;
}

/** One try of a message: one selection and the attempts it led to. */
export interface LedgerEntry {
  /** Unix milliseconds of the router. */
  readonly at: number;
  readonly selection?: SelectionRecord;
  readonly attempts: readonly Attempt[];
  /** What else is to be known. */
  readonly note?: string;
}

/**
 * - `retry`: due recipients are due now;
 * - `hold`: due ones wait until released;
 * - `release`: held ones are due now;
 * - `drop`: due and held ones are given up, without a bounce.
 */
export type SpoolChange = 'retry' | 'hold' | 'release' | 'drop';

/** All of what is given must fit. */
export interface SpoolFilter {
  readonly messageId?: string;
  readonly user?: string;
  /** The last one that said something. */
  readonly downstreamId?: string;
  /** Of the recipient, lower case. */
  readonly domain?: string;
  /** Stored at least that long ago. */
  readonly minAgeMs?: number;
  /** A part of the reason, upper and lower case the same. */
  readonly reason?: string;
  readonly state?: 'due' | 'held';
}

export type RecipientState = 'due' | 'held' | 'delivered' | 'failed' | 'dropped';

/** One recipient as operators see it. */
export interface SpooledRecipient {
  readonly messageId: string;
  readonly user: string;
  readonly mailFrom: string;
  readonly sizeBytes: number;
  readonly recipientId: number;
  readonly address: string;
  readonly state: RecipientState;
  /** 0 when it is due or being tried; absent unless it is due. */
  readonly dueInMs?: number;
  readonly ageMs: number;
  readonly deferrals: number;
  readonly downstreamId?: string;
  readonly reason: string;
}

/** The whole story of a message. */
export interface SpoolTrace {
  readonly messageId: string;
  readonly user: string;
  readonly mailFrom: string;
  readonly sizeBytes: number;
  /** Unix milliseconds of the client's final dot. */
  readonly receivedAt: number;
  /** A router has it in hand. */
  readonly isClaimed: boolean;
  readonly recipients: readonly SpooledRecipient[];
  readonly entries: readonly LedgerEntry[];
}

/** Counts of what is kept. */
export interface SpoolStats {
  /** With a recipient that is due or held. */
  readonly messages: number;
  readonly due: number;
  readonly held: number;
  /** Records that could not be read and were set aside since the store was opened. */
  readonly torn: number;
  readonly oldestAgeMs: number;
}
