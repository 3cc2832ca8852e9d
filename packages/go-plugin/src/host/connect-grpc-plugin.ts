/**
 * gRPC with a plugin, on its socket or, when that was agreed upon, on a stream of a multiplexer on it. TLS is
 * then inside each stream (go-plugin internal/grpcmux).
 */
import type { Socket } from 'node:net';
import { type BrokerDoors, KnockDoors, SocketDoors } from '../transport/broker-doors.ts';
import { connectGrpc, type GrpcHostOptions } from '../transport/grpc-host.ts';
import { MuxDuplex } from '../transport/mux-duplex.ts';
import type { GrpcPluginConnection } from '../transport/plugin-connection.ts';
import { YamuxConnection } from '../transport/yamux-connection.ts';
import type { TransportOptions } from './launch-plugin-with.ts';
import { listenForPlugin } from './listen-for-plugin.ts';

/** Rejects when the socket cannot be made safe to speak on. */
export async function connectGrpcPlugin(
  socket: Socket,
  options: TransportOptions,
): Promise<GrpcPluginConnection> {
  const { handshake, security } = options;
  if (options.wantsMultiplex) return connectMultiplexed(socket, options);
  const doors = new SocketDoors({
    listen: (onConnection) => listenForPlugin(options.socketDirectory, onConnection),
    connect: (address) => options.dial(address),
  });
  return connectGrpc(await security.dialled(socket), {
    ...commonOptions(options, doors),
    redial: async () => security.dialled(await options.dial(handshake.address)),
  });
}

async function connectMultiplexed(socket: Socket, options: TransportOptions): Promise<GrpcPluginConnection> {
  const { security, clock } = options;
  const multiplexer = new YamuxConnection(socket, {
    role: 'host',
    clock,
    onStream: (stream) => doors.incoming(stream),
  });
  const doors = new KnockDoors(multiplexer, (stream) => stream.reset());
  const dial = async () => security.dialled(new MuxDuplex(await multiplexer.openInTurn()));
  try {
    const connection = connectGrpc(await dial(), { ...commonOptions(options, doors), redial: dial });
    void connection.closed.then(() => multiplexer.close());
    return connection;
  } catch (error) {
    multiplexer.close();
    throw error;
  }
}

function commonOptions(options: TransportOptions, doors: BrokerDoors): Omit<GrpcHostOptions, 'redial'> {
  return {
    onStdout: (bytes) => options.onStdout(bytes),
    onStderr: (bytes) => options.onStderr(bytes),
    clock: options.clock,
    security: options.security,
    doors,
    checkReachable: () => options.checkReachable(),
  };
}
