import type { GrpcService } from '../grpc/grpc-service.ts';
import type { HandshakeConfig } from '../handshake/handshake-config.ts';
import type { RpcService } from '../net-rpc/rpc-service.ts';
import type { GrpcBroker } from '../transport/grpc-broker.ts';
import type { RpcBroker } from '../transport/rpc-broker.ts';

/** Served over net/rpc: constructors of what can be dispensed, by plugin name; each Dispense gets an object of its own, and the broker of its connection. */
export type NetRpcPluginSet = Readonly<Record<string, (broker: RpcBroker) => RpcService>>;

/**
 * Served over gRPC (go-plugin server.go, ServeConfig.GRPCServer). gRPC tells plugins apart by the names of
 * their services, so there is nothing to dispense.
 */
export interface GrpcPluginSet {
  readonly protocol: 'grpc';
  /** Also made with the broker of the connection to the host, for those that call back or hand out by number. */
  readonly services: readonly GrpcService[] | ((broker: GrpcBroker) => readonly GrpcService[]);
}

/** Everything one version of the application protocol serves; its kind decides the protocol. */
export type PluginSet = NetRpcPluginSet | GrpcPluginSet;

/** What a plugin serves (go-plugin server.go, ServeConfig). */
export interface PluginServeConfig {
  readonly handshake: HandshakeConfig;
  /** Plugin sets by version of the application protocol; at least one. */
  readonly versions: Readonly<Record<number, PluginSet>>;
  /** Where to listen; default a Unix socket, and TCP on 127.0.0.1 on Windows. */
  readonly network?: 'unix' | 'tcp';
}

/** Tells the kinds of sets apart. A net/rpc plugin may be called `protocol` too: it is a function then. */
export function isGrpcSet(set: PluginSet): set is GrpcPluginSet {
  return set['protocol'] === 'grpc';
}
