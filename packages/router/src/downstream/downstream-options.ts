import type { Clock } from '../clock.ts';
import type { HealthChange } from './health-watch.ts';
import type { OutboundRuleOptions } from './outbound-rules.ts';

/** Everything a downstream is made of. Immutable; a changed configuration makes a new downstream. */
export interface DownstreamOptions extends OutboundRuleOptions {
  /** Unique among the downstreams of a router. */
  readonly name: string;
  /** Host name or address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port` as the operator wrote it; selectors see it. */
  readonly addr: string;
  /** Argument of EHLO: the router's own name. */
  readonly heloName: string;
  /** Absent = no AUTH. */
  readonly credentials?: DownstreamCredentials;
  /**
   * - `auto`: STARTTLS when offered; required when there are credentials, unless the address connected
   *   to is loopback or private;
   * - `starttls`: STARTTLS required;
   * - `implicit`: TLS from the first byte;
   * - `off`: never; credentials are then sent only to a loopback or private address.
   */
  readonly tls: 'auto' | 'starttls' | 'implicit' | 'off';
  /**
   * False = any certificate will do. Default: checked, except where `auto` uses TLS without needing it
   * for a login.
   */
  readonly isTlsVerified?: boolean;
  /** PEM file with the authorities to trust instead of the built-in ones; read at the first TLS handshake. */
  readonly caFile?: string;
  /**
   * Whether an address connected to never leaves the operator's own network, so that a login may go in
   * clear. Default: loopback, link-local and private ranges.
   */
  readonly isPrivate?: (address: string) => boolean;
  readonly timeouts: DownstreamTimeouts;
  /** Connections open at the same time; further attempts wait in turn. */
  readonly maxConnections: number;
  /** A connection that carried that many messages is closed. */
  readonly maxMessagesPerConnection: number;
  /** An idle connection is closed after this. Default 60 000: servers drop them at their leisure. */
  readonly idleCloseMs?: number;
  /**
   * A reused connection that does not answer for so long before the reply to MAIL is given up, and the
   * transaction begun again on a new one. Default 3000.
   */
  readonly keptSilenceMs?: number;
  /** How long that new connection may take to be made: the network has been silent before. Default 1500. */
  readonly secondConnectMs?: number;
  /** A connection idle for longer is asked by RSET before it is used. Default 30 000. */
  readonly resetAfterIdleMs?: number;
  /** For selectors. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly cost?: number;
  /** Called once for each change of health. */
  readonly onHealth?: (change: HealthChange) => void;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
}

/** A login. Goes into AUTH and nowhere else. */
export interface DownstreamCredentials {
  readonly username: string;
  readonly password: string;
}

/** How long each phase may take, in milliseconds. */
export interface DownstreamTimeouts {
  /** Name resolution and TCP. */
  readonly connectMs: number;
  /** TLS handshake. */
  readonly tlsMs: number;
  readonly greetingMs: number;
  readonly ehloMs: number;
  /** The whole AUTH exchange. */
  readonly authMs: number;
  readonly mailMs: number;
  /** Each RCPT. */
  readonly rcptMs: number;
  /** The answer to DATA, and each wait until the downstream reads on. */
  readonly dataMs: number;
  /** The answer to the final dot; not cut by the deadline of an attempt. */
  readonly dotMs: number;
}
