/** The plugin role of go-plugin: serve, log, end with the host. */
export type { GrpcCall, GrpcMethod, GrpcService } from '../grpc/grpc-service.ts';
export { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
export type { HandshakeConfig } from '../handshake/handshake-config.ts';
export { formatReattachConfig, type ReattachConfig } from '../handshake/reattach-config.ts';
export type { LogPairs } from '../hclog/format-log-record.ts';
export type { LogLevel } from '../hclog/log-level.ts';
export type { RpcMethod, RpcService } from '../net-rpc/rpc-service.ts';
export type { BrokeredServer, GrpcBroker } from '../transport/grpc-broker.ts';
export type {
  CallOptions,
  GobArgument,
  GobReply,
  GrpcChannel,
  RpcChannel,
} from '../transport/plugin-connection.ts';
export type { RpcBroker } from '../transport/rpc-broker.ts';
export { createPluginLogger, type PluginLogger, type PluginLoggerOptions } from './plugin-logger.ts';
export type { GrpcPluginSet, NetRpcPluginSet, PluginServeConfig, PluginSet } from './plugin-serve-config.ts';
export { servePlugin, servePluginInTestMode } from './serve-plugin.ts';
export type { TestMode } from './test-mode.ts';
