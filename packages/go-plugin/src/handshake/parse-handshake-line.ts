/**
 * Reads the handshake line as a Go host does (go-plugin client.go, Start): outer white space is
 * trimmed, four to seven fields, a line of four means net/rpc. Everything else is refused with the
 * field at fault named.
 */
import type { PluginErrorCode } from '../errors.ts';
import { printable } from '../printable.ts';
import {
  CORE_PROTOCOL_VERSION,
  type HandshakeLine,
  MAX_HANDSHAKE_LINE_BYTES,
  type PluginProtocol,
} from './handshake-line.ts';
import type { PluginAddress } from './plugin-address.ts';

/** A field that is no certificate in the eyes of a Go host, which ignores up to 50 characters. */
const MIN_CERTIFICATE_CHARACTERS = 51;

/** A parsed line, or the code and the reason of its refusal; `reason` completes "the plugin …". */
export type HandshakeParse = { readonly kind: 'handshake'; readonly line: HandshakeLine } | HandshakeRefusal;

export interface HandshakeRefusal {
  readonly kind: 'refused';
  readonly code: PluginErrorCode;
  readonly reason: string;
}

/** Parses one line, given without its line end. Never throws. */
export function parseHandshakeLine(bytes: Uint8Array): HandshakeParse {
  if (bytes.length > MAX_HANDSHAKE_LINE_BYTES) {
    return refused(
      'PLUGIN_HANDSHAKE_TOO_LONG',
      `printed a first line over ${MAX_HANDSHAKE_LINE_BYTES} bytes`,
    );
  }
  const text = new TextDecoder().decode(bytes).trim();
  const fields = text.split('|');
  if (fields.length < 4) {
    return refused(
      'PLUGIN_HANDSHAKE_UNRECOGNIZED',
      text === ''
        ? 'printed an empty line instead of a handshake'
        : `printed "${printable(text)}" instead of a handshake`,
    );
  }
  return parseFields(fields);
}

function parseFields(fields: readonly string[]): HandshakeParse {
  const [core = '', version = '', network = '', address = '', protocol, certificate, multiplex] = fields;
  if (parseNumber(core) !== CORE_PROTOCOL_VERSION) {
    return refused(
      'PLUGIN_HANDSHAKE_CORE_VERSION',
      `speaks core protocol "${printable(core)}", this host speaks 1`,
    );
  }
  const appVersion = parseNumber(version);
  if (appVersion === undefined) {
    return refused(
      'PLUGIN_HANDSHAKE_APP_VERSION',
      `names a version that is not a number: "${printable(version)}"`,
    );
  }
  const parsedAddress = parseAddress(network, address);
  if ('kind' in parsedAddress) return parsedAddress;
  const parsedProtocol = parseProtocol(protocol);
  if (parsedProtocol === undefined) {
    return refused('PLUGIN_HANDSHAKE_PROTOCOL', `names an unknown protocol "${printable(protocol ?? '')}"`);
  }
  const line = { appVersion, address: parsedAddress, protocol: parsedProtocol };
  return withExtras(line, { certificate, multiplex, isTooMany: fields.length > 7 });
}

interface ExtraFields {
  readonly certificate: string | undefined;
  readonly multiplex: string | undefined;
  readonly isTooMany: boolean;
}

function withExtras(line: HandshakeLine, extras: ExtraFields): HandshakeParse {
  const certificate = parseCertificate(extras.certificate);
  if (certificate === 'invalid') {
    return refused(
      'PLUGIN_HANDSHAKE_CERTIFICATE',
      'sent something that is not a certificate in the sixth field',
    );
  }
  const multiplex = extras.isTooMany ? 'invalid' : parseMultiplex(extras.multiplex);
  if (multiplex === 'invalid') {
    return refused('PLUGIN_HANDSHAKE_MULTIPLEX', 'sent a seventh field that is not true or false');
  }
  return {
    kind: 'handshake',
    line: { ...line, ...(certificate && { certificate }), ...(multiplex !== undefined && { multiplex }) },
  };
}

function parseNumber(field: string): number | undefined {
  return /^\d{1,9}$/.test(field) ? Number(field) : undefined;
}

/** Fields 3 and 4. */
export function parseAddress(network: string, address: string): PluginAddress | HandshakeRefusal {
  switch (network) {
    case 'unix':
      return parseUnixAddress(address);
    case 'tcp':
      return parseTcpAddress(address);
    default:
      return refused('PLUGIN_HANDSHAKE_NETWORK', `listens on an unknown network "${printable(network)}"`);
  }
}

function parseUnixAddress(path: string): PluginAddress | HandshakeRefusal {
  if (path === '' || path.includes('\0')) {
    return refused('PLUGIN_HANDSHAKE_ADDRESS', `names "${printable(path)}", which is no socket path`);
  }
  return { network: 'unix', path };
}

function parseTcpAddress(address: string): PluginAddress | HandshakeRefusal {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, '');
  const port = parseNumber(address.slice(colon + 1));
  if (host === '' || port === undefined || port < 1 || port > 65_535) {
    return refused('PLUGIN_HANDSHAKE_ADDRESS', `names "${printable(address)}", which is not host:port`);
  }
  return { network: 'tcp', host, port };
}

/** Absent means net/rpc: plugins older than the field (go-plugin client.go). */
function parseProtocol(field: string | undefined): PluginProtocol | undefined {
  if (field === undefined) return 'netrpc';
  return field === 'netrpc' || field === 'grpc' ? field : undefined;
}

/** Unpadded standard base64 of one DER SEQUENCE that fills it exactly. */
function parseCertificate(field: string | undefined): Uint8Array | undefined | 'invalid' {
  if (field === undefined || field.length < MIN_CERTIFICATE_CHARACTERS) return undefined;
  if (!/^[A-Za-z0-9+/]+$/.test(field) || field.length % 4 === 1) return 'invalid';
  const der = Uint8Array.from(atob(field), (character) => character.charCodeAt(0));
  return isDerSequence(der) ? der : 'invalid';
}

/** `[0x30][0x81 u8 | 0x82 u16be | u7][content]` and nothing after it. */
function isDerSequence(der: Uint8Array): boolean {
  const [tag, first = 0, second = 0, third = 0] = der;
  if (tag !== 0x30) return false;
  if (first < 0x80) return der.length === 2 + first;
  if (first === 0x81) return der.length === 3 + second;
  return first === 0x82 && der.length === 4 + second * 256 + third;
}

/** The spellings of Go's strconv.ParseBool. */
function parseMultiplex(field: string | undefined): boolean | undefined | 'invalid' {
  if (field === undefined || field === '') return undefined;
  if (/^(?:1|t|T|true|TRUE|True)$/.test(field)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(field) ? false : 'invalid';
}

function refused(code: PluginErrorCode, reason: string): HandshakeRefusal {
  return { kind: 'refused', code, reason };
}
