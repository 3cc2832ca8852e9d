/**
 * Connecting to a plugin somebody else started, mostly one under a debugger (go-plugin client.go, reattach): no
 * process, no environment, no handshake line, no log, no AutoMTLS, no multiplexing.
 */
import { tmpdir } from 'node:os';
import { type Clock, systemClock } from '../clock.ts';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import type { ReattachConfig } from '../handshake/reattach-config.ts';
import { printable } from '../printable.ts';
import { IN_CLEAR } from '../transport/channel-security.ts';
import { type ConnectPolicy, checkReachable, connectPlugin } from './connect-plugin.ts';
import { connectTransport } from './connect-transport.ts';
import { ForeignProcess } from './foreign-process.ts';
import type { PluginHost } from './plugin-host.ts';
import type { PluginOutput } from './plugin-output.ts';
import { stdioSinks } from './print-channel.ts';
import { ReattachedPlugin } from './reattached-plugin.ts';
import { makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts';

export interface ReattachOptions {
  /** For messages only. */
  readonly name: string;
  /** Accept loopback TCP, where every local user can reach the plugin; default false. */
  readonly allowLoopbackTcp?: boolean;
  /** Where sockets for callbacks are made; default the system's temporary directory. */
  readonly socketRoot?: string;
  /** For each connection; default 5000. */
  readonly connectTimeoutMs?: number;
  /** Called for every line the plugin's code prints; must not throw. */
  readonly onOutput?: (output: PluginOutput) => void;
  readonly clock?: Clock;
}

const CONNECT_MS = 5000;

/**
 * Connects to a running plugin. Its `kill` ends the process as that of a launched plugin, and only hangs up in
 * test mode. Nothing is ended when nobody answers: the number may be another's by now.
 *
 * @throws PluginError `PLUGIN_CONNECT_FAILED`, `PLUGIN_SOCKET_UNTRUSTED`, `PLUGIN_TCP_REFUSED`, `PLUGIN_HANDSHAKE_ADDRESS`
 */
export async function reattachPlugin(config: ReattachConfig, options: ReattachOptions): Promise<PluginHost> {
  const policy: ConnectPolicy = {
    title: `Plugin "${printable(options.name)}" (process ${config.pid})`,
    platform: process.platform,
    allowLoopbackTcp: options.allowLoopbackTcp ?? false,
  };
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_MS;
  const dial = (address: PluginAddress) =>
    connectPlugin({ address, isSecured: false }, policy, AbortSignal.timeout(timeoutMs));
  const socket = await dial(config.address);
  const clock = options.clock ?? systemClock;
  const socketDirectory = await makeSocketDirectory(options.socketRoot ?? tmpdir(), policy.platform);
  try {
    const connection = await connectTransport(socket, {
      handshake: config,
      security: IN_CLEAR,
      wantsMultiplex: false,
      socketDirectory,
      dial,
      checkReachable: () => checkReachable(config.address, policy),
      ...stdioSinks({ clock, onOutput: options.onOutput ?? (() => undefined) }),
      clock,
    });
    const foreign = new ForeignProcess(config.pid, clock);
    return new ReattachedPlugin({ config, process: foreign, connection, socketDirectory, clock });
  } catch (error) {
    socket.destroy();
    await removeSocketDirectory(socketDirectory);
    throw error;
  }
}
