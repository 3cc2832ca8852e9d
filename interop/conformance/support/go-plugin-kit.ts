/** A kit written in Go under our host, with every byte of the conversation kept. */
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import {
  type NetRpcPluginConnection,
  overNetRpc,
  type PluginConnection,
  type PluginHost,
  type PluginLaunchOptions,
  type PluginOutput,
  type RpcChannel,
} from '@smtp-router/go-plugin/host';
import { launchPluginWith } from '../../../packages/go-plugin/src/host/launch-plugin-with.ts';
import { connectNetRpc } from '../../../packages/go-plugin/src/transport/net-rpc-host.ts';
import { goProgramWith } from '../../test/support/go-programs.ts';
import { atEnd } from '../../test/support/scratch.ts';
import { HANDSHAKE, type KitMethod, METHODS, PLUGIN_NAME } from './kit-contract.ts';
import type { Release } from './statement.ts';
import { TappedSocket } from './tapped-socket.ts';

/** Milliseconds for any answer. */
export const CALL = { timeoutMs: 30_000 };

/** Options of a launch of the Go plugin of a release; whatever is given wins. */
export async function kitLaunch(
  release: Release,
  given: Partial<PluginLaunchOptions> = {},
): Promise<PluginLaunchOptions> {
  return {
    name: PLUGIN_NAME,
    command: await goProgramWith(release, './cmd/conformance-plugin'),
    handshake: HANDSHAKE,
    versions: [1],
    socketRoot: tmpdir(),
    startTimeoutMs: 30_000,
    // In clear, since what is on the wire is looked at.
    autoMtls: 'off',
    ...given,
  };
}

/** A running plugin with what it said. */
export interface GoPluginKit {
  readonly host: PluginHost;
  readonly connection: NetRpcPluginConnection;
  readonly kit: Kit;
  readonly wire: TappedSocket;
  readonly outputs: readonly PluginOutput[];
}

/** Starts the Go plugin of a release, dispenses its kit, and ends it after the test. */
export async function launchKit(
  t: TestContext,
  release: Release,
  given: Partial<PluginLaunchOptions> = {},
): Promise<GoPluginKit> {
  const outputs: PluginOutput[] = [];
  const launch = await kitLaunch(release, { onOutput: (output) => outputs.push(output), ...given });
  const { host, wire } = await launchTapped(t, launch);
  const kit = await dispenseKit(host.connection);
  return { host, connection: overNetRpc(host.connection), kit, wire, outputs };
}

/** Launches a plugin and keeps every byte; it is killed after the test. */
export async function launchTapped(
  t: TestContext,
  launch: PluginLaunchOptions,
): Promise<{ readonly host: PluginHost; readonly wire: TappedSocket }> {
  let wire: TappedSocket | undefined;
  const host = await launchPluginWith(launch, async (socket: Socket, options) => {
    wire = new TappedSocket(socket);
    const stream = await options.security.dialled(wire);
    return connectNetRpc(stream, { ...options, limits: { maxMessageBytes: 8 * 1_048_576 } });
  });
  atEnd(t, () => host.kill());
  if (wire === undefined) throw new Error('no transport was opened');
  return { host, wire };
}

export async function dispenseKit(connection: PluginConnection): Promise<Kit> {
  return new Kit(await overNetRpc(connection).dispense(PLUGIN_NAME, CALL));
}

/** A dispensed kit: its methods by name. */
export class Kit {
  readonly channel: RpcChannel;

  constructor(channel: RpcChannel) {
    this.channel = channel;
  }

  /** Calls a method; resolves to the value it answers. */
  async call(method: KitMethod, value: unknown, timeoutMs: number = CALL.timeoutMs): Promise<unknown> {
    const [type] = METHODS[method];
    return (await this.channel.call(method, { type, value }, { timeoutMs })).value;
  }
}
