import type { Clock } from '../clock.ts';
import type { HandshakeConfig } from '../handshake/handshake-config.ts';
import type { PluginProtocol } from '../handshake/handshake-line.ts';
import type { AutoMtls } from './auto-mtls.ts';
import type { PluginOutput } from './plugin-output.ts';
import type { Runner } from './runner/runner.ts';

/** Everything about one start of a plugin. Nothing of it is taken from global state but the allow-listed environment. */
export interface PluginLaunchOptions {
  /** For messages only. */
  readonly name: string;
  /** Path of the executable, or a name looked up in PATH when it has no slash. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Default: the host's. */
  readonly workingDirectory?: string;
  /** Wins over what is inherited (PATH HOME TZ LANG LC_* SSL_CERT_FILE SSL_CERT_DIR), loses to the protocol's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly handshake: HandshakeConfig;
  /** Versions of the application protocol the host speaks; the plugin picks the highest it shares. */
  readonly versions: readonly number[];
  /** Protocols the host speaks; default both (go-plugin client.go, AllowedProtocols, whose default is net/rpc alone). */
  readonly protocols?: readonly PluginProtocol[];
  /** Range for plugins that listen on TCP; default 10000 to 25000 as in go-plugin. */
  readonly ports?: { readonly min: number; readonly max: number };
  /**
   * Accept a plugin that listens in clear on loopback TCP, where every local user can reach it; default
   * false. With AutoMTLS loopback TCP needs no permission.
   */
  readonly allowLoopbackTcp?: boolean;
  /** Mutual TLS with certificates made for this start; default `prefer`. */
  readonly autoMtls?: AutoMtls;
  /**
   * Whether the gRPC connections of a plugin, those of its broker included, shall share one socket (go-plugin
   * client.go, GRPCBrokerMultiplex); default not. A plugin that serves gRPC and cannot is refused.
   */
  readonly multiplex?: boolean;
  /** Where the private socket directory is made; default the system's temporary directory. */
  readonly socketRoot?: string;
  /** From start to open connection; default 10 000. */
  readonly startTimeoutMs?: number;
  /** Gives the start up; the process is killed and the promise rejected with `PLUGIN_START_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called for every line the plugin writes; must not throw. */
  readonly onOutput?: (output: PluginOutput) => void;
  /** Called once the process exists and before anything is read from it, to record it against orphans. */
  readonly onProcess?: (process: PluginProcessRecord) => void | Promise<void>;
  readonly clock?: Clock;
  /** How processes are started; default that of the platform. */
  readonly runner?: Runner;
}

/** What identifies the process of a plugin and what it leaves behind. */
export interface PluginProcessRecord {
  readonly pid: number;
  readonly socketDirectory: string;
}
