/**
 * The one typed stream of what happens in the router. Rooms report through an `EventSink` they are
 * given; logs, metrics (and later the page and NDJSON files) listen. Reporting never blocks, never
 * throws, never carries a secret.
 */
import type { DownstreamState } from '@smtp-router/selector/contract';
import type { Attempt, Blame } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';

export type RouterEvent =
  | SessionOpened
  | SessionRefused
  | SessionClosed
  | ListenerFault
  | CertificateChanged
  | AuthenticationEnded
  | ProtocolFault
  | MessageEnded
  | SpooledMessageTried
  | SpoolFault
  | SelectionEnded
  | AttemptEnded
  | FailedOver
  | SignatureBroken
  | DownstreamStateChanged
  | PluginStateChanged
  | PluginSwapped
  | PluginSwapFailed
  | PluginWarning
  | PluginOutput
  | RouterStateChanged
  | StorageFault
  | SecretChanged
  | InternalFault;

export interface SessionOpened {
  readonly kind: 'session-opened';
  readonly sessionId: string;
  readonly listener: string;
  readonly clientAddress: string;
}

/** A connection was turned away before a session began. */
export interface SessionRefused {
  readonly kind: 'session-refused';
  readonly listener: string;
  readonly clientAddress: string;
  readonly reason: 'too-many-connections' | 'too-many-from-address' | 'draining' | 'bad-proxy-header';
  /** Says more, where there is more to say. */
  readonly message?: string;
}

export interface SessionClosed {
  readonly kind: 'session-closed';
  readonly sessionId: string;
  readonly listener: string;
  readonly reason: string;
  readonly messages: number;
}

/** A listener met a failure and goes on, e.g. no file descriptor for a new connection. */
export interface ListenerFault {
  readonly kind: 'listener-fault';
  readonly listener: string;
  readonly code: string;
  readonly message: string;
}

/** The certificate of the listeners was loaded, at the start or anew; with a code, it was not and the earlier one stays. */
export interface CertificateChanged {
  readonly kind: 'certificate-changed';
  /** Path of the certificate. */
  readonly file: string;
  /** Unix milliseconds, of the certificate that is served from now on. */
  readonly validUntil?: number;
  readonly code?: string;
  readonly message?: string;
}

export interface AuthenticationEnded {
  readonly kind: 'authentication-ended';
  readonly sessionId: string;
  readonly clientAddress: string;
  /**
   * As claimed by the client; may be no user of ours. A claim that is no address is given as '?',
   * since people type passwords into the wrong field.
   */
  readonly user: string;
  readonly mechanism: string;
  readonly isAccepted: boolean;
  /** Why the password was not even checked: too many checks were waiting, or too many guesses held back. */
  readonly unchecked?: 'busy' | 'guessing';
}

export interface ProtocolFault {
  readonly kind: 'protocol-fault';
  readonly sessionId: string;
  readonly code: string;
  readonly message: string;
}

/** The client got its final reply to a message: one log line per transaction. */
export interface MessageEnded {
  readonly kind: 'message-ended';
  readonly sessionId: string;
  readonly messageId: string;
  readonly user: string;
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly sizeBytes: number;
  readonly result: 'relayed' | 'spooled' | 'deferred' | 'failed';
  readonly replyCode: number;
  readonly replyText: string;
  readonly durationMs: number;
  /** Absent when the message was refused before a selection. */
  readonly selection?: SelectionRecord | undefined;
  readonly attempts: readonly Attempt[];
}

/** A spooled message was tried once more, or its late answer came. */
export interface SpooledMessageTried {
  readonly kind: 'spooled-message-tried';
  readonly messageId: string;
  readonly user: string;
  /** Since it was stored. */
  readonly ageMs: number;
  /** Of recipients. */
  readonly delivered: number;
  readonly deferred: number;
  readonly failed: number;
  /** Somebody has to look at them. */
  readonly held: number;
  /** Id of the report to the sender, when one was made. */
  readonly reportId?: string;
  /** Why there was none although somebody failed. */
  readonly unreported?: string;
}

/** The spool could not be used; what needs it waits or is refused for now. */
export interface SpoolFault {
  readonly kind: 'spool-fault';
  readonly code: string;
  readonly message: string;
}

export interface SelectionEnded {
  readonly kind: 'selection-ended';
  readonly messageId: string;
  readonly selection: SelectionRecord;
}

export interface AttemptEnded {
  readonly kind: 'attempt-ended';
  readonly messageId: string;
  readonly attempt: Attempt;
}

/** A message was not taken by its first choice. */
export interface FailedOver {
  readonly kind: 'failed-over';
  readonly messageId: string;
  readonly from: string;
  /** Absent when nobody else was left. */
  readonly to?: string;
  readonly blame: Blame;
  /** Catalogue code when there was no reply. */
  readonly errorCode?: string;
  readonly message: string;
}

/** A message goes out with a DKIM signature that rewriting its From broke (RFC 6376 §5.4). */
export interface SignatureBroken {
  readonly kind: 'signature-broken';
  readonly messageId: string;
  readonly downstream: string;
  /** Domains of the signatures as the message names them. */
  readonly domains: readonly string[];
}

/** A downstream is passed over from now on, or used again. */
export interface DownstreamStateChanged {
  readonly kind: 'downstream-state-changed';
  readonly downstream: string;
  readonly state: DownstreamState;
  /** Why; absent when it is well again. */
  readonly message?: string;
  readonly blame?: Blame;
}

export interface PluginStateChanged {
  readonly kind: 'plugin-state-changed';
  readonly plugin: string;
  readonly state: 'starting' | 'ready' | 'failed' | 'restarting' | 'stopped';
  readonly pid?: number;
  readonly restarts: number;
  /** Why, in one sentence that names the plugin and what to do. */
  readonly message?: string;
  readonly faultCode?: string;
}

/** A new process of a plugin, tried before, decides from now on; no message waited. */
export interface PluginSwapped {
  readonly kind: 'plugin-swapped';
  readonly plugin: string;
  readonly pid: number;
  /** The process before; absent when none was up. */
  readonly from?: number;
  /** Of what runs, where it is known. */
  readonly sha256?: string;
  readonly durationMs: number;
}

/** A new version of a plugin is of no use; whatever decided before still does. */
export interface PluginSwapFailed {
  readonly kind: 'plugin-swap-failed';
  readonly plugin: string;
  /** Why, in one sentence that names the plugin and what to do. */
  readonly message: string;
  readonly faultCode: string;
}

/** Something about a plugin that costs no message but should be mended. */
export interface PluginWarning {
  readonly kind: 'plugin-warning';
  readonly plugin: string;
  readonly message: string;
  readonly faultCode: string;
}

/** One line a plugin wrote, already capped. */
export interface PluginOutput {
  readonly kind: 'plugin-output';
  readonly plugin: string;
  readonly pid: number;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface RouterStateChanged {
  readonly kind: 'router-state-changed';
  readonly state: 'starting' | 'serving' | 'draining' | 'stopped';
}

/** The disk failed under a message: one that could not be kept was refused for now, others go on. */
export interface StorageFault {
  readonly kind: 'storage-fault';
  readonly code: string;
  readonly message: string;
}

/** A password file holds another password than before, or nothing that can be used. */
export interface SecretChanged {
  readonly kind: 'secret-changed';
  readonly file: string;
  /** Whose password it is, e.g. `downstream ses`. */
  readonly owners: string;
  /** Why it cannot be used, in one sentence; the former password stays. Absent = it is in use. */
  readonly problem?: string;
}

/** Something failed that was not expected to fail: a defect. Mail goes on; the sender heard 451. */
export interface InternalFault {
  readonly kind: 'internal-fault';
  /** Room and action, e.g. `delivery: relaying message 7f-3`. */
  readonly where: string;
  readonly message: string;
}
