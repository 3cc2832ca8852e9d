/** What a plugin speaks with its host, made from what it serves. */
import type { Duplex } from 'node:stream';
import type { PluginProtocol } from '../handshake/handshake-line.ts';
import type { SocketMeans } from '../transport/broker-doors.ts';
import type { ChannelSecurity } from '../transport/channel-security.ts';
import { serveNetRpcConnection } from '../transport/net-rpc-plugin.ts';
import type { ServedConnection, ServeOptions } from '../transport/served-connection.ts';
import { isGrpcSet, type PluginSet } from './plugin-serve-config.ts';

/** Serves any number of connections of a host. */
export interface ServedTransport {
  /** For the handshake line. */
  readonly protocol: PluginProtocol;
  /** Serves one connection on its socket and owns it. Rejects, with the socket destroyed, when the peer is not the host. */
  accept(socket: Duplex): Promise<ServedConnection>;
}

/** What the process gives to its transport. */
export interface ProcessLink {
  /** What the program prints, for the host. */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Called when the host wants the process to end. */
  onQuit(): void;
  readonly security: ChannelSecurity;
  /** Whether the host multiplexes its gRPC connections. */
  readonly isMultiplexed: boolean;
  /** Sockets beside the one of the handshake, for the broker. */
  readonly means: SocketMeans;
}

export type OpenTransport = (set: PluginSet, link: ProcessLink) => ServedTransport | Promise<ServedTransport>;

/** gRPC for a set of gRPC services, else net/rpc. */
export const openTransport: OpenTransport = async (set, link) => {
  if (isGrpcSet(set)) {
    // Loaded only by plugins that speak it: Node's HTTP/2 takes a while.
    const { serveGrpcSet } = await import('./serve-grpc-set.ts');
    return serveGrpcSet(set, link);
  }
  const dispense: ServeOptions['dispense'] = (name, broker) =>
    Object.hasOwn(set, name) ? set[name]?.(broker) : undefined;
  return {
    protocol: 'netrpc',
    accept: async (socket) =>
      serveNetRpcConnection(await link.security.accepted(socket), { ...link, dispense }),
  };
};
