/** The broker between a host and the process of a plugin, in both directions, on sockets and on one socket. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import type { GrpcService } from '../../src/grpc/grpc-service.ts';
import { launchPlugin } from '../../src/host/launch-plugin.ts';
import type { PluginLaunchOptions } from '../../src/host/plugin-launch-options.ts';
import { fixtureLaunch, leftovers } from '../fixtures/plugin-fixture.ts';

const CALL = { timeoutMs: 20_000 };
const GREETER: GrpcService = {
  name: 'test.Host',
  methods: { Greet: (name) => Buffer.from(`hello ${Buffer.from(name)}`) },
};

async function launch(context: TestContext, options: Partial<PluginLaunchOptions>) {
  const given = { ...fixtureLaunch(context, 'good-grpc'), versions: [2], startTimeoutMs: 60_000, ...options };
  const plugin = await launchPlugin(given);
  context.after(() => plugin.kill());
  const { connection } = plugin;
  assert.ok(connection.protocol === 'grpc');
  const channel = connection.dispense();
  const ask = async (method: string, text: string | number) =>
    Buffer.from(await channel.unary(`/test.Good/${method}`, Buffer.from(String(text)), CALL)).toString();
  const sockets = () => leftovers(given).flatMap((name) => readdirSync(join(given.socketRoot, name)));
  return { plugin, connection, broker: connection.broker, ask, sockets };
}

const MODES: readonly (readonly [string, Partial<PluginLaunchOptions>])[] = [
  ['on a socket each, in clear', { autoMtls: 'off' }],
  ['on a socket each, with AutoMTLS', { autoMtls: 'require' }],
  ['on one socket, in clear', { autoMtls: 'off', multiplex: true }],
  ['on one socket, with AutoMTLS', { autoMtls: 'require', multiplex: true }],
];

for (const [mode, options] of MODES) {
  describe(`brokered gRPC connections ${mode}`, () => {
    it('go from the plugin to the host and from the host to the plugin', async (context) => {
      const { connection, broker, ask, sockets } = await launch(context, options);
      const served = broker.serve([GREETER]);
      assert.equal(await ask('CallBack', served.id), 'hello plugin');
      const offers = [await ask('Offer', ''), await ask('Offer', '')];
      const channels = await Promise.all(offers.map((id) => broker.dial(Number(id), CALL)));
      for (const channel of channels) {
        const reply = await channel.unary('/test.Offered/Greet', Buffer.from('host'), CALL);
        assert.equal(Buffer.from(reply).toString(), 'offered to host');
      }
      if (options.multiplex === true) assert.equal(sockets().length, 1);
      channels[0]?.close();
      const other = channels[1]?.unary('/test.Offered/Greet', Buffer.from('x'), CALL);
      assert.equal(Buffer.from((await other) ?? '').toString(), 'offered to x');
      served.close();
      await connection.ping(CALL);
    });

    it('do not come about for a number nobody serves', async (context) => {
      const { connection, broker } = await launch(context, options);
      const bounds = { timeoutMs: options.multiplex === true ? 5000 : 100 };
      await assert.rejects(broker.dial(4711, bounds), (error) => {
        assert.ok(error instanceof PluginError && error.code === 'PLUGIN_BROKER_FAILED', String(error));
        if (options.multiplex === true) assert.match(error.message, /no listener for id 4711/);
        return true;
      });
      await connection.ping(CALL);
    });
  });
}
