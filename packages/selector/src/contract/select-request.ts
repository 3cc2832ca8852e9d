/**
 * The question a selector is asked: which downstreams, in what order, for this message?
 *
 * Strategies and plugins get the same request. On the wire it is `SelectRequest` of
 * `smtp_router.selector.v2`; generation 1 plugins see only the downstream list. All values are plain
 * data, so that a request can be recorded, replayed and compared: no dates, no optional fields whose
 * absence means something, times in Unix milliseconds, addresses as raw RFC 5321 text.
 */

/** Everything a selector may base its decision on. Never holds a secret. */
export interface SelectRequest {
  /** Contract generation that built this request; 2 for the fields below. */
  readonly contractVersion: number;
  /** Unique per selection; appears in logs and plugin records. */
  readonly requestId: string;
  /** True when nothing will be sent (`explain`, `plugin check`): a selector must not change its state. */
  readonly dryRun: boolean;
  /** Milliseconds the router will wait for the answer. */
  readonly timeoutMs: number;
  /** 1 for the first try of a message; rises with every attempt from the spool. */
  readonly attempt: number;
  /** Wall clock of the router, Unix milliseconds. */
  readonly now: number;
  /** Random integer in 0 … 2^53 - 1, recorded, so that a weighted choice can be repeated. */
  readonly seed: number;
  readonly session: SelectSession;
  readonly envelope: SelectEnvelope;
  readonly message: SelectMessage;
  /** The candidates, in configured order; answers refer to their `id`. */
  readonly downstreams: readonly DownstreamView[];
  /** Earlier attempts for this message, oldest first. */
  readonly history: readonly SelectHistoryEntry[];
}

/** The SMTP session the message came in by. */
export interface SelectSession {
  /** Configured listener, as `address:port`. */
  readonly listener: string;
  readonly clientAddress: string;
  /** Argument of EHLO or HELO as received. */
  readonly helo: string;
  readonly isTls: boolean;
  /** Identity the mail is sent under. */
  readonly user: string;
}

/** The SMTP envelope (RFC 5321 §2.3.1). */
export interface SelectEnvelope {
  /** Reverse-path without angle brackets; empty for the null reverse-path. */
  readonly mailFrom: string;
  /** ESMTP parameters of MAIL, as `KEYWORD` or `KEYWORD=value`. */
  readonly mailParameters: readonly string[];
  readonly recipients: readonly SelectRecipient[];
}

/** One forward-path that is still to be delivered. */
export interface SelectRecipient {
  /** Stable within the message; routes of a reply refer to it. */
  readonly id: number;
  readonly address: string;
  /** Lower-cased domain of the address; empty for `<Postmaster>`. */
  readonly domain: string;
}

/** What the router knows about the content. */
export interface SelectMessage {
  readonly sizeBytes: number;
  readonly messageId: string;
  readonly subject: string;
  /** Address of the first From mailbox, empty when there is none. */
  readonly from: string;
  /** Header fields in message order; a plugin is sent those it asked for in Describe. */
  readonly headers: readonly SelectHeader[];
}

/** One header field, unfolded. */
export interface SelectHeader {
  readonly name: string;
  readonly value: string;
}

/** Where a downstream stands right now. `unspecified` is what an older peer sends. */
export type DownstreamState = 'unspecified' | 'up' | 'probing' | 'throttled' | 'down' | 'disabled';

/** One downstream as selectors see it. */
export interface DownstreamView {
  /** Name from the configuration, or the address of an inline downstream. Unique in the list. */
  readonly id: string;
  /** `host:port`. */
  readonly addr: string;
  /** Login at the downstream, for generation 1 plugins and diagnostics; empty without AUTH. */
  readonly user: string;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Price of 1 000 messages in the operator's currency; meaningful only when `hasCost`. */
  readonly cost: number;
  readonly hasCost: boolean;
  readonly capabilities: DownstreamCapabilities;
  readonly state: DownstreamState;
  /** Smoothed time from MAIL to the final reply; meaningful only when `hasLatency`. */
  readonly latencyMs: number;
  readonly hasLatency: boolean;
  /** Mail transactions open at this downstream now. */
  readonly inFlight: number;
}

/** What the downstream offered in EHLO when last seen; all false and zero before that. */
export interface DownstreamCapabilities {
  readonly known: boolean;
  /** Largest message in bytes; 0 = not stated. */
  readonly maxSizeBytes: number;
  readonly has8bitMime: boolean;
  readonly hasSmtpUtf8: boolean;
  readonly hasDsn: boolean;
  readonly hasChunking: boolean;
}

/** One earlier attempt of this message. */
export interface SelectHistoryEntry {
  readonly downstreamId: string;
  readonly recipientIds: readonly number[];
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly phase: string;
  /** SMTP reply code, 0 when there was none. */
  readonly code: number;
  readonly enhancedCode: string;
  readonly text: string;
  readonly kind: string;
}
