/**
 * Starting a plugin (go-plugin client.go, Start and Client), step by step: plan, private directory,
 * process, handshake, socket, connection. Each step stands on its own in its own file; whichever fails,
 * nothing is left behind.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { HandshakeLine } from '../handshake/handshake-line.ts';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import type { LinePiece } from '../hclog/line-splitter.ts';
import type { ChannelSecurity } from '../transport/channel-security.ts';
import type { PluginConnection } from '../transport/plugin-connection.ts';
import { acceptHandshake } from './accept-handshake.ts';
import { agreeOnSecurity } from './auto-mtls.ts';
import { checkReachable, connectPlugin } from './connect-plugin.ts';
import { describeExit } from './describe-exit.ts';
import { failLaunch } from './launch-failure.ts';
import { type LaunchPlan, planLaunch } from './launch-plan.ts';
import type { PluginHost } from './plugin-host.ts';
import type { PluginLaunchOptions } from './plugin-launch-options.ts';
import { PluginProcess } from './plugin-process.ts';
import { RunningPlugin } from './running-plugin.ts';
import { makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts';
import { StartDeadline } from './start-deadline.ts';
import { startProcess } from './start-process.ts';

/** Opens a transport on the socket of a plugin and owns it from then on; printed bytes go to the sinks. */
export type ConnectTransport = (
  socket: Socket,
  options: TransportOptions,
) => PluginConnection | Promise<PluginConnection>;

/** Bound of every connection after the first. */
const REDIAL_MS = 5000;

export interface TransportOptions {
  readonly handshake: HandshakeLine;
  /** What makes the socket safe to speak on, or each stream of a multiplexer on it. */
  readonly security: ChannelSecurity;
  /** Whether gRPC connections shall share the socket; the plugin said that it can. */
  readonly wantsMultiplex: boolean;
  /** Private to the plugin and its host. */
  readonly socketDirectory: string;
  /** Connects to the plugin once more, or to where its broker listens. */
  dial(address: PluginAddress): Promise<Socket>;
  /** Rejects with `PLUGIN_SOCKET_LOST` when nobody could connect to the plugin any more. */
  checkReachable(): Promise<void>;
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  readonly clock: Clock;
}

/**
 * Starts a plugin and connects to it. The caller owns the result and must `kill` it.
 *
 * @throws PluginError when no process could be started; PluginLaunchError, which carries the process's
 *   end and last words, when it ran but did not come up
 */
export async function launchPluginWith(
  options: PluginLaunchOptions,
  connect: ConnectTransport,
): Promise<PluginHost> {
  const plan = planLaunch(options);
  const deadline = new StartDeadline({ ...plan, timeoutMs: plan.startTimeoutMs });
  try {
    const process = await runProcess(plan, deadline);
    return await bringUp(process, { plan, deadline, connect, onProcess: options.onProcess });
  } finally {
    deadline.dispose();
  }
}

async function runProcess(plan: LaunchPlan, deadline: StartDeadline): Promise<PluginProcess> {
  const socketDirectory = await makeSocketDirectory(plan.socketRoot, plan.platform);
  try {
    const command = plan.runnerCommand(socketDirectory);
    const process = await startProcess(plan.runner, command, { clock: plan.clock, signal: deadline.signal });
    return new PluginProcess({ process, socketDirectory, clock: plan.clock, onOutput: plan.onOutput });
  } catch (error) {
    await removeSocketDirectory(socketDirectory);
    throw error;
  }
}

interface BringUp {
  readonly plan: LaunchPlan;
  readonly deadline: StartDeadline;
  readonly connect: ConnectTransport;
  readonly onProcess: PluginLaunchOptions['onProcess'];
}

async function bringUp(
  process: PluginProcess,
  { plan, deadline, connect, onProcess }: BringUp,
): Promise<PluginHost> {
  try {
    await onProcess?.({ pid: process.pid, socketDirectory: process.socketDirectory });
    const handshake = await deadline.race(receiveHandshake(process, plan));
    const security = agreeOnSecurity(handshake, plan);
    const place = { address: handshake.address, isSecured: security.isTls };
    const socket = await deadline.race(connectPlugin(place, plan, deadline.signal));
    const transport = {
      handshake,
      security,
      wantsMultiplex: plan.multiplex,
      socketDirectory: process.socketDirectory,
      dial: (address: PluginAddress) =>
        connectPlugin({ ...place, address }, plan, AbortSignal.timeout(REDIAL_MS)),
      checkReachable: () => checkReachable(handshake.address, plan),
      ...process.output.stdioSinks(),
      clock: plan.clock,
    };
    const connection = await deadline.race(Promise.resolve(connect(socket, transport)));
    return new RunningPlugin({
      process,
      handshake,
      isMutualTls: security.isTls,
      connection,
      clock: plan.clock,
    });
  } catch (error) {
    throw await failLaunch(process, plan, error);
  }
}

async function receiveHandshake(process: PluginProcess, plan: LaunchPlan): Promise<HandshakeLine> {
  const piece = await firstLine(process);
  if (piece !== undefined) return acceptHandshake(piece, plan);
  const exit = await process.gone;
  throw new PluginError('PLUGIN_EXITED_EARLY', `${plan.title} ${describeExit(exit)} before its handshake.`);
}

/** The first line of stdout, or undefined when the process ended or closed its stdout without one. */
function firstLine(process: PluginProcess): Promise<LinePiece | undefined> {
  return Promise.race([process.output.firstLine, process.exited.then(() => undefined)]);
}
