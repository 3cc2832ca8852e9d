import type { PluginAddress } from './plugin-address.ts';

/** The only core protocol version there is (go-plugin client.go, CoreProtocolVersion). */
export const CORE_PROTOCOL_VERSION = 1;

/** Longest handshake line read: the token limit of the scanner a Go host reads it with. */
export const MAX_HANDSHAKE_LINE_BYTES = 65_536;

/** Protocols a plugin can serve. */
export type PluginProtocol = 'netrpc' | 'grpc';

/** What a plugin tells its host in the first line of its stdout: `core|version|network|address|protocol|certificate|multiplex`. */
export interface HandshakeLine {
  /** The version of the application protocol the plugin chose; 0 or more. */
  readonly appVersion: number;
  readonly address: PluginAddress;
  readonly protocol: PluginProtocol;
  /** DER of the plugin's certificate, when it wants TLS. */
  readonly certificate?: Uint8Array;
  /** Whether the plugin can multiplex its gRPC connections; absent when it was not asked. */
  readonly multiplex?: boolean;
}
