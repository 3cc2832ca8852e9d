/** The gRPC broker between our roles and those of the real library, in both directions. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type GrpcService, launchPlugin, type PluginLaunchOptions } from '@smtp-router/go-plugin/host';
import { GoHost } from '../conformance/support/go-host.ts';
import { CALL, kitLaunch } from '../conformance/support/go-plugin-kit.ts';
import { decodeBytesValue, encodeBytesValue, GrpcKit, SERVICE } from '../conformance/support/grpc-kit.ts';
import { GO_PLUGIN_VERSIONS } from './support/go-programs.ts';
import { atEnd } from './support/scratch.ts';
import { hasTools } from './support/tools.ts';

const LIMIT = { timeout: 300_000 };
const OUR_PLUGIN = [process.execPath, join(import.meta.dirname, '../conformance/plugins/kit-grpc.ts')];

/** go-plugin multiplexes since 1.6.0. */
const MODES: readonly (readonly [string, Partial<PluginLaunchOptions>, readonly string[]])[] = [
  ['on a socket each', { autoMtls: 'off' }, []],
  ['on a socket each, with AutoMTLS', { autoMtls: 'require' }, ['-mtls']],
  ['on one socket', { autoMtls: 'off', multiplex: true }, ['-mux']],
  ['on one socket, with AutoMTLS', { autoMtls: 'require', multiplex: true }, ['-mux', '-mtls']],
];

const TEXT: GrpcService = {
  name: SERVICE,
  methods: {
    Text: (request) => encodeBytesValue(Buffer.concat([decodeBytesValue(request), Buffer.from('!')])),
  },
};

for (const version of GO_PLUGIN_VERSIONS) {
  for (const [mode, options, flags] of MODES) {
    if (version === '1.4.10' && options.multiplex === true) continue;
    describe(`brokered connections with go-plugin ${version}, ${mode}`, () => {
      it('a Go plugin calls our host back, and our host what the plugin hands out', LIMIT, async (t) => {
        if (!hasTools(t, ['go'])) return;
        const { connection, kit } = await launchKit(t, version, options);
        const { broker } = connection;
        for (let round = 0; round < 3; round += 1) {
          assert.equal(await kit.call('CallBack', String(broker.serve([TEXT]).id)), 'called back!');
          const channel = await broker.dial(Number(await kit.call('Offer', '')), CALL);
          assert.equal(await new GrpcKit(channel).call('Text', 'offered'), 'offered');
          channel.close();
        }
        await connection.ping(CALL);
      });

      it('our plugin calls a Go host back, and a Go host what the plugin hands out', LIMIT, async (t) => {
        if (!hasTools(t, ['go'])) return;
        const host = await GoHost.start(t, version, { command: OUR_PLUGIN, flags: ['-grpc', ...flags] });
        for (let round = 0; round < 3; round += 1) {
          assert.equal(await host.do({ do: 'callback', kit: 0 }), 'called back');
          assert.equal(await host.do({ do: 'offer', kit: 0 }), 'offered');
        }
      });
    });
  }
}

async function launchKit(
  t: TestContext,
  version: (typeof GO_PLUGIN_VERSIONS)[number],
  options: Partial<PluginLaunchOptions>,
) {
  const launch = await kitLaunch(version, { args: ['-grpc'], ...options });
  const plugin = await launchPlugin(launch);
  atEnd(t, () => plugin.kill());
  const { connection } = plugin;
  assert.ok(connection.protocol === 'grpc');
  return { connection, kit: new GrpcKit(connection.dispense()) };
}
