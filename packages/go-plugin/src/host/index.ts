/** The host role of go-plugin: start a plugin, connect, dispense, kill. One process a call, no restarts. */
export type { GrpcCall, GrpcMethod, GrpcService } from '../grpc/grpc-service.ts';
export { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
export type { HandshakeConfig } from '../handshake/handshake-config.ts';
export { parseReattachConfig, type ReattachConfig } from '../handshake/reattach-config.ts';
export type { LogLevel } from '../hclog/log-level.ts';
export type { LogPair, LogRecord } from '../hclog/log-record.ts';
export type { RpcMethod, RpcService } from '../net-rpc/rpc-service.ts';
export type { BrokeredServer, GrpcBroker } from '../transport/grpc-broker.ts';
export type {
  CallOptions,
  DispensingConnection,
  GobArgument,
  GobReply,
  GrpcChannel,
  GrpcPluginConnection,
  NetRpcPluginConnection,
  PluginConnection,
  RpcChannel,
} from '../transport/plugin-connection.ts';
export type { RpcBroker } from '../transport/rpc-broker.ts';
export type { AutoMtls } from './auto-mtls.ts';
export { launchPlugin } from './launch-plugin.ts';
export { overNetRpc } from './over-net-rpc.ts';
export type { PluginExit } from './plugin-exit.ts';
export type { PluginHost } from './plugin-host.ts';
export { PluginLaunchError } from './plugin-launch-error.ts';
export type { PluginLaunchOptions, PluginProcessRecord } from './plugin-launch-options.ts';
export type { PluginOutput } from './plugin-output.ts';
export { type ReattachOptions, reattachPlugin } from './reattach-plugin.ts';
export type { ProcessExit, Runner, RunnerCommand, RunningProcess } from './runner/runner.ts';
