/** `host:port` as listeners and downstreams write it; IPv6 addresses stand in brackets. */
import { isIPv4, isIPv6 } from 'node:net';

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  /** 0 … 65535. */
  readonly port: number;
}

const DOMAIN =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*\.?$/;

/** The parts, or one sentence that says what is wrong and shows the right form. */
export function parseHostPort(text: string): HostPort | string {
  // Not echoed: what stands before an @ may be a password.
  if (text.includes('@') || text.includes('/'))
    return 'is no address; write host:port alone, without scheme, login or path';
  if (/^\d{1,5}$/.test(text)) return `"${text}" names no host; write 127.0.0.1:${text} or 0.0.0.0:${text}`;
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([^[\]:]{0,253}))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return `"${printable(text)}" is no address; write host:port, or [::1]:25 for IPv6`;
  const host = match[1] ?? match[2] ?? '';
  if (host === '') return `"${printable(text)}" names no host; write 127.0.0.1${text} or 0.0.0.0${text}`;
  if (match[1] !== undefined ? !isIPv6(host) : !isHost(host))
    return `"${printable(host)}" is no host name or address`;
  if (match[3] === undefined)
    return `"${printable(text)}" has no port; write ${printable(text)}:25, for example`;
  const port = Number(match[3]);
  return port <= 65535 ? { host, port } : `port ${port} does not exist; ports end at 65535`;
}

/** True for `localhost`, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || (isIPv4(host) && host.startsWith('127.')) || host === '::1';
}

function isHost(host: string): boolean {
  // Only digits and dots must be an IPv4 address: 300.1.2.3 is a slip, not a name.
  return /^[\d.]+$/.test(host) ? isIPv4(host) : DOMAIN.test(host);
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
