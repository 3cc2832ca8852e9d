/** The words of the control API, shared by the router that answers and the commands that ask. */
import type { Attempt } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';

/** `GET /v1/status`: a snapshot of a running router. Holds no secret. */
export interface RouterStatus {
  readonly version: string;
  readonly pid: number;
  readonly state: 'starting' | 'serving' | 'draining' | 'stopped';
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Absolute path of the configuration file. */
  readonly config: string;
  /** Bound addresses as `host:port`, in configured order. */
  readonly listeners: readonly string[];
  /** Bound address of the health checks; absent when off. */
  readonly admin?: string;
  readonly users: number;
  readonly plugins: readonly PluginState[];
  readonly downstreams: readonly DownstreamStatus[];
}

/** One plugin as operators see it. */
export interface PluginState {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
  /** Unix milliseconds at which that process became ready. */
  readonly since?: number;
  /** Version of the contract and transport it speaks. */
  readonly version?: number;
  readonly protocol?: string;
  /** Whether its connection is secured by mutual TLS. */
  readonly isMutualTls?: boolean;
  /** Of what it was started from, hexadecimal; absent where that is not known. */
  readonly sha256?: string;
  readonly starts: number;
  readonly callsInFlight: number;
  readonly missedDeadlines: number;
  /** The last failure of a start or of a process. */
  readonly lastFailure?: PluginFault;
  readonly swaps?: PluginSwaps;
}

export interface PluginFault {
  /** Unix milliseconds. */
  readonly at?: number;
  readonly code: string;
  readonly message: string;
}

/** Replacements of a plugin by another version since the start. */
export interface PluginSwaps {
  /** Of the one under way. */
  readonly phase?: string;
  readonly swapped: number;
  readonly failed: number;
  /** Unix milliseconds of the last switch. */
  readonly swappedAt?: number;
  /** Why the last newcomer was not put to use; absent once one was. */
  readonly lastFailure?: PluginFault;
}

/** `POST /v1/plugin/reload`: what came of it. */
export type ReloadResult =
  | {
      readonly kind: 'swapped';
      readonly plugin: string;
      readonly pid: number;
      /** The process before; absent when none was up. */
      readonly from?: number;
      readonly sha256?: string;
      readonly durationMs: number;
    }
  /** What served before still does. */
  | { readonly kind: 'failed'; readonly plugin: string; readonly code: string; readonly message: string }
  /** No user of the configuration chose a plugin of that name. */
  | { readonly kind: 'unknown'; readonly known: readonly string[] };

/** One downstream as operators see it. */
export interface DownstreamStatus {
  readonly name: string;
  readonly addr: string;
  readonly state: string;
  readonly inFlight: number;
  /** Smoothed; absent before the first message. */
  readonly latencyMs?: number;
}

/** A mail of the command line, without a client. */
export interface HandedInMail {
  /** Configured user whose selector and downstreams carry it. */
  readonly user: string;
  /** Reverse-path without angle brackets; '' for the null reverse-path. */
  readonly from: string;
  /** Forward-paths without angle brackets; at least one. */
  readonly to: readonly string[];
  /** The message with CRLF line ends. */
  readonly content: Uint8Array;
}

/** `POST /v1/send`: one mail through the live path. */
export type SendRequest = HandedInMail;

/** A reply as commands show it: enhanced code and lines as one text. */
export interface ToldReply {
  readonly code: number;
  readonly text: string;
}

/** What became of it. */
export interface SendResult {
  readonly messageId: string;
  /** The reply a client would have got at the end of data. */
  readonly reply: ToldReply;
  /** Absent when no selector was asked. */
  readonly selection?: SelectionRecord;
  readonly attempts: readonly Attempt[];
}

/** `POST /v1/explain`: what the live path would do with a mail. Nothing is sent. */
export interface ExplainRequest extends HandedInMail {
  /** True = ask a plugin that changes its state even then (generation 1 of the contract). */
  readonly isAskedAnyway: boolean;
}

/** What would become of it. */
export interface ExplainResult {
  readonly selection: SelectionRecord;
  /** Present when the selector gave no route. */
  readonly verdict?: {
    readonly kind: 'defer' | 'reject' | 'hold';
    readonly code: number;
    readonly text: string;
  };
  readonly routes: readonly ExplainedRoute[];
  /** False when no downstream would be asked: a verdict, a split without a spool, nobody who may or is well. */
  readonly isAnyoneAsked: boolean;
  /** What the client would hear at the end of data; absent when that is for a downstream to say. */
  readonly reply?: ToldReply;
  /** With what a client would be refused before any of this, because of the sender. */
  readonly refusal?: ToldReply;
  /** What the selector was asked, as the contract has it; absent when none was. */
  readonly request?: unknown;
}

export interface ExplainedRoute {
  /** Addresses. */
  readonly recipients: readonly string[];
  /** In the order of the route. */
  readonly candidates: readonly ExplainedCandidate[];
}

export interface ExplainedCandidate {
  readonly downstream: string;
  readonly addr: string;
  readonly state: string;
  /** Present when it would not be asked: why. */
  readonly passedOver?: { readonly code: string; readonly message: string };
  /** Senders its configuration puts in place of those of the mail: envelope, header From. */
  readonly rewritten?: { readonly mailFrom?: string; readonly from?: string };
}

/** Every error answer of the control API and the admin address. */
export interface ControlError {
  readonly error: { readonly code: string; readonly message: string };
}
