/**
 * PROXY protocol versions 1 and 2 (HAProxy, proxy-protocol.txt): the first bytes of a connection from
 * a trusted balancer name the real client. Reads from bytes, however they are cut; free of I/O.
 *
 * Version 1 is one line of at most 107 bytes: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n`.
 * Version 2 is binary: `[signature 12][version u4, command u4][family u4, transport u4][length u16be]`
 * followed by `length` bytes of addresses and extensions.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** What the header says, once it is complete. */
export type ProxyHeader =
  /** The real client, and the bytes of the connection that follow the header. */
  | { readonly kind: 'proxied'; readonly clientAddress: string; readonly rest: Uint8Array }
  /** The balancer speaks for itself (health check) or does not know: the socket's address holds. */
  | { readonly kind: 'local'; readonly rest: Uint8Array }
  | { readonly kind: 'need-more' }
  /** No PROXY header: the connection cannot be trusted and is closed. */
  | { readonly kind: 'invalid'; readonly message: string };

/** Longest version 1 header, CRLF included (proxy-protocol.txt §2.1). */
const MAX_V1_BYTES = 107;
/** Addresses plus extensions; the largest address block is 216 bytes, the rest is for extensions. */
const MAX_V2_PAYLOAD_BYTES = 2_048;
const V2_HEADER_BYTES = 16;
const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1_START = Buffer.from('PROXY ', 'latin1');

/** Parses what has arrived so far. `received` holds everything since the connection began. */
export function parseProxyHeader(received: Uint8Array): ProxyHeader {
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  if (isBeginning(bytes, V1_START)) return parseV1(bytes);
  if (isBeginning(bytes, V2_SIGNATURE)) return parseV2(bytes);
  return { kind: 'invalid', message: 'the connection does not begin with a PROXY header' };
}

/** True while what has come agrees with the marker, complete or not. */
function isBeginning(bytes: Buffer, marker: Buffer): boolean {
  const length = Math.min(bytes.length, marker.length);
  return bytes.subarray(0, length).equals(marker.subarray(0, length));
}

function parseV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf('\r\n', 0, 'latin1');
  if (end < 0) {
    return bytes.length < MAX_V1_BYTES
      ? { kind: 'need-more' }
      : { kind: 'invalid', message: 'the PROXY line is longer than 107 bytes' };
  }
  const rest = bytes.subarray(end + 2);
  const words = bytes.toString('latin1', 0, end).split(' ');
  if (words[1] === 'UNKNOWN') return { kind: 'local', rest };
  const [, family, source = '', target = '', sourcePort = '', targetPort = ''] = words;
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isUnscopedIPv6 : () => false;
  const isWellFormed =
    words.length === 6 && isAddress(source) && isAddress(target) && [sourcePort, targetPort].every(isPort);
  if (!isWellFormed) return { kind: 'invalid', message: 'the PROXY line is malformed' };
  return { kind: 'proxied', clientAddress: family === 'TCP6' ? shortIPv6(source) : source, rest };
}

/** A zone (`%eth0`) means something on one machine only. */
function isUnscopedIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function parseV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_HEADER_BYTES) return { kind: 'need-more' };
  const versionAndCommand = bytes.readUInt8(12);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== 2 || command > 1) {
    return { kind: 'invalid', message: 'the PROXY header has an unknown version or command' };
  }
  const length = bytes.readUInt16BE(14);
  if (length > MAX_V2_PAYLOAD_BYTES) {
    return { kind: 'invalid', message: `the PROXY header is longer than ${MAX_V2_PAYLOAD_BYTES} bytes` };
  }
  const end = V2_HEADER_BYTES + length;
  if (bytes.length < end) return { kind: 'need-more' };
  const rest = bytes.subarray(end);
  if (command === 0) return { kind: 'local', rest };
  return proxiedV2(bytes.readUInt8(13) >> 4, bytes.subarray(V2_HEADER_BYTES, end), rest);
}

/** Family 1 = IPv4, 2 = IPv6; others (unspecified, Unix) name no client we could use. */
function proxiedV2(family: number, payload: Buffer, rest: Buffer): ProxyHeader {
  if (family === 1 && payload.length >= 12) {
    return { kind: 'proxied', clientAddress: [...payload.subarray(0, 4)].join('.'), rest };
  }
  if (family === 2 && payload.length >= 36) {
    return { kind: 'proxied', clientAddress: ipv6Text(payload.subarray(0, 16)), rest };
  }
  if (family === 0 || family === 3) return { kind: 'local', rest };
  return { kind: 'invalid', message: 'the PROXY header has a short address block or an unknown family' };
}

function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return shortIPv6(groups.join(':'));
}

/** The form in which sockets name their peers (RFC 5952), so that one client has one name. */
function shortIPv6(address: string): string {
  return new SocketAddress({ family: 'ipv6', address }).address;
}
