import type { HandshakeConfig } from '../handshake/handshake-config.ts';
import type { RpcService } from '../net-rpc/rpc-service.ts';

/** Constructors of what can be dispensed, by plugin name; each Dispense gets an object of its own. */
export type PluginSet = Readonly<Record<string, () => RpcService>>;

/** What a plugin serves (go-plugin server.go, ServeConfig). */
export interface PluginServeConfig {
  readonly handshake: HandshakeConfig;
  /** Plugin sets by version of the application protocol; at least one. */
  readonly versions: Readonly<Record<number, PluginSet>>;
  /** Where to listen; default a Unix socket, and TCP on 127.0.0.1 on Windows. */
  readonly network?: 'unix' | 'tcp';
}
