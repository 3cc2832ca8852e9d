/** The variables a plugin finds, made by a host of any age (go-plugin server.go, protocolVersion and serverListener). */
import type { HandshakeConfig } from './handshake-config.ts';
import type { PortRange } from './host-environment.ts';

/** An environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface PluginEnvironment {
  /** Versions the host speaks; absent when it is too old to say. */
  readonly hostVersions?: readonly number[];
  /** Items of the host's list that are not numbers. */
  readonly ignoredVersions: readonly string[];
  /** Absent when the host gave none: any free port. */
  readonly ports?: PortRange;
  readonly socketDirectory?: string;
  /** Group, by name or number, that may connect to the socket. */
  readonly socketGroup?: string;
  /** PEM; present when the host wants mutual TLS. */
  readonly clientCertificate?: string;
  /** Whether the variable is there and not empty, whatever its value. */
  readonly wantsMultiplex: boolean;
}

/** Reads the host's variables. Never throws; what is malformed counts as absent. */
export function parsePluginEnvironment(environment: Environment): PluginEnvironment {
  const items = (environment['PLUGIN_PROTOCOL_VERSIONS'] ?? '')
    .split(',')
    .filter((item) => item.trim() !== '');
  const versions = items.map(parseCount).filter((version) => version !== undefined);
  const ports = parsePorts(environment);
  const socketDirectory = present(environment['PLUGIN_UNIX_SOCKET_DIR']);
  const socketGroup = present(environment['PLUGIN_UNIX_SOCKET_GROUP']);
  const clientCertificate = present(environment['PLUGIN_CLIENT_CERT']);
  return {
    ...(items.length > 0 && { hostVersions: versions }),
    ignoredVersions: items.filter((item) => parseCount(item) === undefined),
    ...(ports && { ports }),
    ...(socketDirectory !== undefined && { socketDirectory }),
    ...(socketGroup !== undefined && { socketGroup }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    wantsMultiplex: present(environment['PLUGIN_MULTIPLEX_GRPC']) !== undefined,
  };
}

/**
 * Whether the environment carries the cookie: `match`, `mismatch`, or `unset` when the plugin's own
 * configuration has no cookie to compare with.
 */
export function checkMagicCookie(
  handshake: HandshakeConfig,
  environment: Environment,
): 'match' | 'mismatch' | 'unset' {
  if (handshake.magicCookieKey === '' || handshake.magicCookieValue === '') return 'unset';
  return environment[handshake.magicCookieKey] === handshake.magicCookieValue ? 'match' : 'mismatch';
}

function parsePorts(environment: Environment): PortRange | undefined {
  const min = parseCount(environment['PLUGIN_MIN_PORT'] ?? '');
  const max = parseCount(environment['PLUGIN_MAX_PORT'] ?? '');
  const isRange = min !== undefined && max !== undefined && min >= 1 && min <= max && max <= 65_535;
  return isRange ? { min, max } : undefined;
}

function parseCount(text: string): number | undefined {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : undefined;
}

function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
