import type { SmtpServerOptions } from '@smtp-router/smtp/server';
import type { Clock } from '../clock.ts';
import type { AddressSlots } from './address-slots.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import type { NetworkList } from './network-list.ts';
import type { TlsMaterial } from './tls-material.ts';

/** One address to listen on. */
export interface ListenerOptions {
  /** IPv6 without brackets. */
  readonly host: string;
  /** 0 = any free port; `ListenAddress` tells which. */
  readonly port: number;
  /** Shared by all listeners of a router. */
  readonly slots: ConnectionSlots;
  /** Shared too; absent = addresses are not counted. */
  readonly addressSlots?: AddressSlots;
  /** Whose connections begin with a PROXY header; absent = nobody's. */
  readonly balancers?: NetworkList;
  readonly connection: ConnectionOptions;
  /** Unique over restarts, printable, no spaces. */
  readonly nextSessionId: () => string;
  readonly clock?: Clock;
}

/** What a connection is opened with; it keeps these options for its life. */
export interface ConnectionOptions {
  /** Options of the protocol engine; its `hostname` also stands in the 421 replies of the listener. */
  readonly session: SmtpServerOptions;
  readonly timeouts: ListenerTimeouts;
  /** Absent = no TLS. The engine is told apart, by its `isTls` or `isStartTlsOffered`. */
  readonly tls?: ConnectionTls;
}

/** How a listener does TLS. */
export interface ConnectionTls {
  /** From the first byte; otherwise when the client says STARTTLS. */
  readonly isImplicit: boolean;
  readonly material: Pick<TlsMaterial, 'secureContext'>;
}

/** Milliseconds. */
export interface ListenerTimeouts {
  /** From one reply to the end of the next command (RFC 5321 §4.5.3.2.7: 5 minutes at least). */
  readonly clientCommandMs: number;
  /** Between two pieces of content (RFC 5321 §4.5.3.2.5: 3 minutes). */
  readonly clientDataMs: number;
  /** TLS handshake, from its beginning to its end; also the PROXY header of a balancer. */
  readonly clientTlsMs: number;
  /** From the positive reply to MAIL to the end of data, however lively the client is. */
  readonly transactionMs: number;
}

/** Where a listener really listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** `host:port`, IPv6 in brackets. */
  readonly text: string;
}

/** `host:port` with IPv6 in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
