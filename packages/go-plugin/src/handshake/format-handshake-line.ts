import { PluginError } from '../errors.ts';
import { CORE_PROTOCOL_VERSION, type HandshakeLine } from './handshake-line.ts';
import type { PluginAddress } from './plugin-address.ts';

/**
 * The line a plugin prints, line end included. The separator before the certificate is always there,
 * as Go plugins print it; the seventh field only when `multiplex` is set, because hosts older than
 * go-plugin 1.6.0 would read it as part of the certificate (go-plugin server.go, Serve).
 *
 * @throws PluginError `PLUGIN_HANDSHAKE_ADDRESS` when the address cannot stand in the line.
 */
export function formatHandshakeLine(line: HandshakeLine): string {
  const fields = [
    String(CORE_PROTOCOL_VERSION),
    String(line.appVersion),
    line.address.network,
    formatAddress(line.address),
    line.protocol,
    line.certificate === undefined ? '' : formatCertificate(line.certificate),
  ];
  if (line.multiplex !== undefined) fields.push(String(line.multiplex));
  return `${fields.join('|')}\n`;
}

/**
 * Field 4: a path, or host:port.
 *
 * @throws PluginError `PLUGIN_HANDSHAKE_ADDRESS`
 */
export function formatAddress(address: PluginAddress): string {
  if (address.network === 'tcp') {
    return address.host.includes(':')
      ? `[${address.host}]:${address.port}`
      : `${address.host}:${address.port}`;
  }
  if (!isPrintableInLine(address.path)) {
    throw new PluginError(
      'PLUGIN_HANDSHAKE_ADDRESS',
      `The socket path ${JSON.stringify(address.path)} cannot stand in a handshake line; choose a directory without "|", line ends or outer blanks.`,
    );
  }
  return address.path;
}

/** Whether a path survives the handshake line: no separator, no line end, no outer white space. */
export function isPrintableInLine(path: string): boolean {
  return !/[|\r\n\0]/.test(path) && path.trim() === path;
}

function formatCertificate(der: Uint8Array): string {
  let binary = '';
  for (const byte of der) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/=+$/, '');
}
