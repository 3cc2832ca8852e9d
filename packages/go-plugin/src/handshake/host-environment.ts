/** The variables a host hands to its plugin (go-plugin client.go, Start). */
import type { HandshakeConfig } from './handshake-config.ts';

/** Range of ports offered to plugins that listen on TCP, both ends included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** go-plugin client.go, defaults of MinPort and MaxPort. */
export const DEFAULT_PORTS: PortRange = { min: 10_000, max: 25_000 };

export interface HostEnvironment {
  readonly handshake: HandshakeConfig;
  /** Versions of the application protocol the host speaks. */
  readonly versions: readonly number[];
  readonly ports: PortRange;
  /** Where the plugin shall make its socket: read by go-plugin 1.5 and later; older ones read TMPDIR. */
  readonly socketDirectory: string;
  /** PEM of the host's certificate when it wants mutual TLS. */
  readonly clientCertificate?: string;
  /** Whether gRPC connections shall share one socket. The variable is absent unless true: plugins look only at its presence. */
  readonly multiplex?: boolean;
}

/** The variables, ready to be merged over whatever else the child gets. */
export function formatHostEnvironment(environment: HostEnvironment): Record<string, string> {
  return {
    TMPDIR: environment.socketDirectory,
    [environment.handshake.magicCookieKey]: environment.handshake.magicCookieValue,
    PLUGIN_MIN_PORT: String(environment.ports.min),
    PLUGIN_MAX_PORT: String(environment.ports.max),
    PLUGIN_PROTOCOL_VERSIONS: environment.versions.join(','),
    PLUGIN_UNIX_SOCKET_DIR: environment.socketDirectory,
    ...(environment.clientCertificate !== undefined && { PLUGIN_CLIENT_CERT: environment.clientCertificate }),
    ...(environment.multiplex === true && { PLUGIN_MULTIPLEX_GRPC: 'true' }),
  };
}
