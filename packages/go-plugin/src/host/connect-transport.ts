/** From a plugin's socket to a connection in the protocol of its handshake. */
import type { Socket } from 'node:net';
import { connectNetRpc } from '../transport/net-rpc-host.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { TransportOptions } from './launch-plugin-with.ts';

/** Rejects when the socket cannot be made safe to speak on. */
export async function connectTransport(socket: Socket, options: TransportOptions): Promise<PluginConnection> {
  const { handshake, security } = options;
  const stream = await security.dialled(socket);
  if (handshake.protocol === 'netrpc') return connectNetRpc(stream, options);
  // Loaded only when some plugin speaks it: Node's HTTP/2 takes a while.
  const { connectGrpc } = await import('../transport/grpc-host.ts');
  return connectGrpc(stream, {
    onStdout: (bytes) => options.onStdout(bytes),
    onStderr: (bytes) => options.onStderr(bytes),
    clock: options.clock,
    isTls: security.isTls,
    redial: async () => security.dialled(await options.dial()),
    checkReachable: () => options.checkReachable(),
  });
}
