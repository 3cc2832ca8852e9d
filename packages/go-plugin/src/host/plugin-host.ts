import type { PluginConnection } from '../transport/plugin-connection.ts';
import type { PluginExit } from './plugin-exit.ts';

/**
 * One running plugin process with its connection, made by `launchPlugin`. One-shot as in go-plugin:
 * once killed or dead it stays so. Whoever launched it must `kill` it.
 */
export interface PluginHost {
  readonly pid: number;
  /** Version of the application protocol the plugin chose. */
  readonly appVersion: number;
  readonly protocol: 'netrpc' | 'grpc';
  /** Whether the connection is secured by AutoMTLS. */
  readonly isMutualTls: boolean;
  readonly connection: PluginConnection;
  /**
   * Settles once, when the process is gone, its output read and its socket directory removed; never
   * rejects. Pending calls are rejected at the exit itself, without waiting for this.
   */
  readonly exited: Promise<PluginExit>;
  /**
   * Ends the plugin within a bound: Quit (1 s), grace (2 s), SIGTERM (0.5 s), SIGKILL of the process
   * group. Idempotent; never rejects.
   */
  kill(): Promise<PluginExit>;
}
