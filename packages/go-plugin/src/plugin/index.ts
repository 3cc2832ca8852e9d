/** The plugin role of go-plugin: serve, log, end with the host. */
export type { HandshakeConfig } from '../handshake/handshake-config.ts';
export type { LogPairs } from '../hclog/format-log-record.ts';
export type { LogLevel } from '../hclog/log-level.ts';
export type { RpcMethod, RpcService } from '../net-rpc/rpc-service.ts';
export { createPluginLogger, type PluginLogger, type PluginLoggerOptions } from './plugin-logger.ts';
export type { PluginServeConfig, PluginSet } from './plugin-serve-config.ts';
export { servePlugin } from './serve-plugin.ts';
