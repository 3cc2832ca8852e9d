/** From a plugin's socket to a connection in the protocol of its handshake. */
import type { Socket } from 'node:net';
import { connectNetRpc } from '../transport/net-rpc-host.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { TransportOptions } from './launch-plugin-with.ts';

/** Rejects when the socket cannot be made safe to speak on. */
export async function connectTransport(socket: Socket, options: TransportOptions): Promise<PluginConnection> {
  const { handshake, security } = options;
  if (handshake.protocol === 'netrpc') return connectNetRpc(await security.dialled(socket), options);
  // Loaded only when some plugin speaks it: Node's HTTP/2 takes a while.
  const { connectGrpcPlugin } = await import('./connect-grpc-plugin.ts');
  return connectGrpcPlugin(socket, options);
}
