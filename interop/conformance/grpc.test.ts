import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { PluginError, type PluginErrorCode } from '@smtp-router/go-plugin/errors';
import {
  type GrpcMethod,
  type GrpcPluginConnection,
  launchPlugin,
  type PluginHost,
  type PluginLaunchOptions,
  type PluginOutput,
} from '@smtp-router/go-plugin/host';
import { systemClock } from '../../packages/go-plugin/src/clock.ts';
import { MuxDuplex } from '../../packages/go-plugin/src/transport/mux-duplex.ts';
import { YamuxConnection } from '../../packages/go-plugin/src/transport/yamux-connection.ts';
import { isAlive } from '../test/support/processes.ts';
import { atEnd, waitFor } from '../test/support/scratch.ts';
import { GoHost, OUR_GRPC_PLUGIN, type Started } from './support/go-host.ts';
import { CALL, kitLaunch } from './support/go-plugin-kit.ts';
import { GrpcKit, SERVICE } from './support/grpc-kit.ts';
import { type Maker, makersFor, PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { HEALTH_CHECK, healthRequest, RawGrpc } from './support/raw-grpc.ts';
import { type Exceptions, fixtureStatement, type Release, statement } from './support/statement.ts';

const SERVING = '0801';
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;

const NO_MULTIPLEXING: Exceptions = { '1.4.10': 'multiplexing came with 1.6.0' };

describe('gRPC', () => {
  statement(
    '55. The health of the service plugin is SERVING, that of another is NOT_FOUND, and an unknown method is UNIMPLEMENTED.',
    async (t, release) => {
      const { connection, kit } = await launchGrpc(t, release);
      await connection.ping(CALL);
      await assert.rejects(kit.call('Nothing', ''), hasCode('PLUGIN_CALL_FAILED'));
      const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
      await host.do({ do: 'ping' });
      await assert.rejects(host.call('Nothing', ''), /Unimplemented/);
      for (const maker of makersFor(release)) {
        const raw = await rawGrpc(t, maker, release);
        assert.equal(
          (await raw.call(HEALTH_CHECK, healthRequest('plugin'))).message.toString('hex'),
          SERVING,
        );
        assert.equal((await raw.call(HEALTH_CHECK, healthRequest('another'))).status, NOT_FOUND, maker);
        assert.equal((await raw.call(`/${SERVICE}/Nothing`, Buffer.alloc(0))).status, UNIMPLEMENTED, maker);
        assert.equal((await raw.call('/no.Such/Service', Buffer.alloc(0))).status, UNIMPLEMENTED, maker);
      }
    },
  );

  statement('56. StreamStdio brings both channels; a plugin without it is tolerated.', async (t, release) => {
    const { kit, outputs } = await launchGrpc(t, release);
    await kit.call('Print', 'hello');
    await waitFor('output', 20_000, async () => {
      const printed = outputs.flatMap((each) =>
        each.kind === 'print' ? [`${each.stream}: ${each.text}`] : [],
      );
      return printed.includes('stdout: hello on stdout') && printed.includes('stderr: hello on stderr')
        ? true
        : undefined;
    });
    const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
    await host.call('Print', 'hello');
    const seen = await waitFor('output', 20_000, async () => {
      const output = await host.do<{ stdout: string; stderr: string }>({ do: 'output' });
      return output.stdout === '' || output.stderr === '' ? undefined : output;
    });
    assert.deepEqual(seen, { stdout: 'hello on stdout\n', stderr: 'hello on stderr\n' });
    const bare = await launchBare(t);
    await bare.connection.ping(CALL);
    await bare.connection.ping(CALL);
  });

  statement('57. Shutdown counts as orderly when its reply is lost.', async (t, release) => {
    const { plugin } = await launchGrpc(t, release);
    const { status, signal } = await plugin.kill();
    assert.deepEqual([status, signal], [0, null]);
    const host = await GoHost.run(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
    const { pid } = await host.do<Started>({ do: 'start' });
    const { exited } = await host.do<{ exited: boolean }>({ do: 'kill' });
    assert.ok(exited && !isAlive(pid));
    const log = (await host.do<string[]>({ do: 'log' })).join('\n');
    assert.doesNotMatch(log, /gracefully/);
  });

  statement(
    '58. Brokered connections without multiplexing work in both directions, and each step gives up after 5 s.',
    async (t, release) => {
      const { connection, kit } = await launchGrpc(t, release);
      await bothWays(connection, kit);
      const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
      await bothWaysOfGo(host);
      const nobody = assert.rejects(connection.broker.dial(999, CALL), hasCode('PLUGIN_BROKER_FAILED'));
      await assert.rejects(host.call('CallBack', '999'));
      await nobody;
    },
  );

  statement(
    '59. Brokered connections with multiplexing work in both directions, one knock at a time; an unknown id is refused with a text.',
    async (t, release) => {
      const { connection, kit } = await launchGrpc(t, release, { multiplex: true });
      await Promise.all(Array.from({ length: 8 }, () => bothWays(connection, kit)));
      const nobody = assert.rejects(connection.broker.dial(999, CALL), hasCode('PLUGIN_BROKER_FAILED'));
      const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc', '-mux'] });
      await bothWaysOfGo(host);
      await bothWaysOfGo(host);
      await assert.rejects(host.call('CallBack', '999'));
      await nobody;
    },
    NO_MULTIPLEXING,
  );

  statement(
    '60. A stream without a knock is one more connection to the main server.',
    async (t, release) => {
      for (const maker of makersFor(release)) {
        const plugin = await PluginProcess.start(t, await grpcCommand(maker, release), {
          PLUGIN_MULTIPLEX_GRPC: 'true',
        });
        const yamux = new YamuxConnection(await plugin.connect(t), {
          role: 'host',
          clock: systemClock,
          onStream: (stream) => stream.reset(),
        });
        for (let connection = 0; connection < 3; connection += 1) {
          const raw = await RawGrpc.on(t, new MuxDuplex(await yamux.openInTurn()));
          assert.equal(
            (await raw.call(HEALTH_CHECK, healthRequest('plugin'))).message.toString('hex'),
            SERVING,
          );
        }
        yamux.close();
      }
    },
    NO_MULTIPLEXING,
  );

  statement('61. The authorities unused and localhost are both accepted.', async (t, release) => {
    for (const authority of ['unused', 'localhost']) {
      const raw = await rawGrpc(t, 'ours', release, authority);
      assert.equal((await raw.call(HEALTH_CHECK, healthRequest('plugin'))).message.toString('hex'), SERVING);
    }
    const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
    assert.equal(await host.call('Text', 'as Go names it'), 'as Go names it');
  });

  statement('62. A plugin may send messages over 4 MiB to its host.', async (t, release) => {
    const size = 5 * 1_048_576;
    const { kit } = await launchGrpc(t, release);
    assert.equal((await kit.call('Large', String(size))).length, size);
    const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags: ['-grpc'] });
    assert.equal((await host.call<string>('Large', String(size))).length, size);
  });

  fixtureStatement(
    '63. Replies of trailers alone, uncompressed messages, frames cut anywhere and a reset in the middle are dealt with.',
    async (t) => {
      const { connection } = await launchBare(t);
      const channel = connection.dispense();
      const call = async (name: string): Promise<string> =>
        Buffer.from(await channel.unary(`/odd/${name}`, new Uint8Array(), CALL)).toString('hex');
      await assert.rejects(call('TrailersOnly'), /not now/);
      assert.equal(await call('Whole'), '0a026869');
      assert.equal(await call('Split'), '0a026869');
      await assert.rejects(call('Compressed'), PluginError);
      await assert.rejects(call('Reset'), PluginError);
      assert.equal(await call('Whole'), '0a026869');
    },
  );

  statement(
    '64. A connection that ended because nothing happened, or because it was old, is opened again, in both roles.',
    async (t, release) => {
      const { kit } = await launchGrpc(t, release, { args: ['-grpc', '-age', '200ms'] });
      const end = performance.now() + 1500;
      for (let call = 0; performance.now() < end; call += 1) {
        assert.equal(await kit.call('Text', `call ${call}`), `call ${call}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const command = [process.execPath, join(PLUGINS, 'proxy.ts'), ...OUR_GRPC_PLUGIN];
      const host = await GoHost.run(t, release, { command, flags: ['-grpc'] });
      const { pid } = await host.do<Started>({ do: 'start' });
      await host.do({ do: 'dispense', name: 'kit' });
      for (let round = 0; round < 3; round += 1) {
        assert.equal(await host.call('Text', `round ${round}`), `round ${round}`);
        process.kill(pid, 'SIGUSR2');
        await waitFor('answer', 20_000, () => host.call('Text', 'again').catch(() => undefined));
      }
    },
  );
});

/** Callbacks and offers between our host and a plugin. */
async function bothWays({ broker }: GrpcPluginConnection, kit: GrpcKit): Promise<void> {
  const text: GrpcMethod = (request) => request;
  const served = broker.serve([{ name: SERVICE, methods: { Text: text } }]);
  assert.equal(await kit.call('CallBack', String(served.id)), 'called back');
  served.close();
  const channel = await broker.dial(Number(await kit.call('Offer', '')), CALL);
  assert.equal(await new GrpcKit(channel).call('Text', 'offered'), 'offered');
  channel.close();
}

/** The same between a Go host and our plugin. */
async function bothWaysOfGo(host: GoHost): Promise<void> {
  assert.equal(await host.do({ do: 'callback' }), 'called back');
  assert.equal(await host.do({ do: 'offer' }), 'offered');
}

async function grpcCommand(maker: Maker, release: Release): Promise<readonly string[]> {
  return maker === 'ours' ? OUR_GRPC_PLUGIN : [...(await pluginCommand('Go', release)), '-grpc'];
}

const PLUGINS = join(import.meta.dirname, 'plugins');

interface GrpcLaunch {
  readonly plugin: PluginHost;
  readonly connection: GrpcPluginConnection;
  readonly kit: GrpcKit;
  readonly outputs: readonly PluginOutput[];
}

/** The Go plugin of a release over gRPC under our host; it is killed after the test. */
async function launchGrpc(
  t: TestContext,
  release: Release,
  given: Partial<PluginLaunchOptions> = {},
): Promise<GrpcLaunch> {
  return launch(t, await kitLaunch(release, { args: ['-grpc'], ...given }));
}

/** The plugin of plugins/bare-grpc.ts. */
async function launchBare(t: TestContext): Promise<GrpcLaunch> {
  const options = await kitLaunch('1.8.0', { command: process.execPath });
  return launch(t, { ...options, args: [join(PLUGINS, 'bare-grpc.ts')] });
}

async function launch(t: TestContext, options: PluginLaunchOptions): Promise<GrpcLaunch> {
  const outputs: PluginOutput[] = [];
  const plugin = await launchPlugin({ ...options, onOutput: (output) => outputs.push(output) });
  atEnd(t, () => plugin.kill());
  const { connection } = plugin;
  assert.ok(connection.protocol === 'grpc');
  return { plugin, connection, kit: new GrpcKit(connection.dispense()), outputs };
}

async function rawGrpc(t: TestContext, maker: Maker, release: Release, authority?: string): Promise<RawGrpc> {
  const plugin = await PluginProcess.start(t, await grpcCommand(maker, release));
  return RawGrpc.on(t, await plugin.connect(t), authority);
}

function hasCode(code: PluginErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code;
}
