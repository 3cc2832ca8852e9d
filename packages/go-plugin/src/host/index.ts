/** The host role of go-plugin: start a plugin, connect, dispense, kill. One process a call, no restarts. */
export type { HandshakeConfig } from '../handshake/handshake-config.ts';
export type { LogLevel } from '../hclog/log-level.ts';
export type { LogPair, LogRecord } from '../hclog/log-record.ts';
export type {
  CallOptions,
  GobArgument,
  GobReply,
  PluginConnection,
  RpcChannel,
} from '../transport/plugin-connection.ts';
export { launchPlugin } from './launch-plugin.ts';
export type { PluginExit } from './plugin-exit.ts';
export type { PluginHost } from './plugin-host.ts';
export { PluginLaunchError } from './plugin-launch-error.ts';
export type { PluginLaunchOptions, PluginProcessRecord } from './plugin-launch-options.ts';
export type { PluginOutput } from './plugin-output.ts';
export type { ProcessExit, Runner, RunnerCommand, RunningProcess } from './runner/runner.ts';
