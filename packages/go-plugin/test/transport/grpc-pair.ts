/** A gRPC host and a gRPC plugin on two connected Unix sockets. */
import type { TestContext } from 'node:test';
import type { GrpcService } from '../../src/grpc/grpc-service.ts';
import { GRPC_STATUS, GrpcStatusError } from '../../src/grpc/grpc-status.ts';
import type { BrokerDoors } from '../../src/transport/broker-doors.ts';
import { IN_CLEAR } from '../../src/transport/channel-security.ts';
import { connectGrpc, type GrpcHostOptions } from '../../src/transport/grpc-host.ts';
import { GrpcPluginServer, type GrpcServeOptions } from '../../src/transport/grpc-plugin.ts';
import type { GrpcChannel, GrpcPluginConnection } from '../../src/transport/plugin-connection.ts';
import { IGNORE_OUTPUT, SILENT, type SocketPair, socketPair } from './socket-pair.ts';

/** Echoes bytes, fails on demand, and never answers `Hang`; what was aborted is told by `onAbort`. */
export function echoService(onAbort: (reason: unknown) => void = () => undefined): GrpcService {
  return {
    name: 'test.Echo',
    methods: {
      Echo: (request) => request,
      Fail: (request) => {
        throw new Error(Buffer.from(request).toString());
      },
      Refuse: () => {
        throw new GrpcStatusError(GRPC_STATUS.FAILED_PRECONDITION, 'nicht möglich: 100 %');
      },
      TimeLeft: (_request, call) => Buffer.from(String(call.timeoutMs)),
      Hang: (_request, call) => {
        call.signal.addEventListener('abort', () => onAbort(call.signal.reason));
        return new Promise(() => undefined);
      },
    },
  };
}

/** For connections without a broker. */
export const NO_DOORS: BrokerDoors = {
  open: () => Promise.reject(new Error('no doors')),
  dial: () => Promise.reject(new Error('no doors')),
};

export interface GrpcPair {
  readonly host: GrpcPluginConnection;
  readonly channel: GrpcChannel;
  readonly plugin: GrpcPluginServer;
  readonly sockets: SocketPair;
}

export async function grpcPair(
  context: TestContext,
  options: {
    readonly host?: Partial<GrpcHostOptions>;
    readonly plugin?: Partial<GrpcServeOptions>;
  } = {},
): Promise<GrpcPair> {
  const sockets = await socketPair(context);
  const plugin = new GrpcPluginServer({
    services: () => [echoService()],
    doors: NO_DOORS,
    security: IN_CLEAR,
    stdout: SILENT,
    stderr: SILENT,
    onQuit: () => undefined,
    ...options.plugin,
  });
  const served = plugin.accept(sockets.plugin);
  const host = connectGrpc(sockets.host, {
    ...IGNORE_OUTPUT,
    security: IN_CLEAR,
    doors: NO_DOORS,
    ...options.host,
  });
  context.after(() => {
    host.close();
    served.close();
  });
  return { host, channel: host.dispense(), plugin, sockets };
}
