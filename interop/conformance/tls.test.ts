import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { PluginError } from '@smtp-router/go-plugin/errors';
import { launchPlugin } from '@smtp-router/go-plugin/host';
import { connectTransport } from '../../packages/go-plugin/src/host/connect-transport.ts';
import { launchPluginWith } from '../../packages/go-plugin/src/host/launch-plugin-with.ts';
import { createTlsIdentity, type TlsIdentity } from '../../packages/go-plugin/src/transport/tls-identity.ts';
import { atEnd } from '../test/support/scratch.ts';
import { DATA } from './support/frames.ts';
import { GoHost, OUR_GRPC_PLUGIN, OUR_PLUGIN } from './support/go-host.ts';
import { CALL, kitLaunch, launchKit } from './support/go-plugin-kit.ts';
import { GrpcKit, SERVICE } from './support/grpc-kit.ts';
import { type Maker, makersFor, PluginProcess, pluginCommand } from './support/plugin-process.ts';
import { type Release, statement } from './support/statement.ts';
import { TappedSocket } from './support/tapped-socket.ts';

describe('TLS', () => {
  statement(
    '65. Under AutoMTLS, TLS is around yamux for net/rpc, and inside each stream of yamux for multiplexed gRPC.',
    async (t, release) => {
      const { wire } = await launchKit(t, release, { autoMtls: 'require' });
      assert.match(firstSaid(wire), TLS_RECORD);
      const launch = await kitLaunch(release, { args: ['-grpc'], autoMtls: 'require', multiplex: true });
      const taps: TappedSocket[] = [];
      const plugin = await launchPluginWith(launch, (socket, options) => {
        const tapped = new TappedSocket(socket);
        taps.push(tapped);
        // Test support: it is used as a stream only.
        return connectTransport(tapped as unknown as Socket, options);
      });
      atEnd(t, () => plugin.kill());
      await plugin.connection.ping(CALL);
      const [tapped] = taps;
      assert.ok(tapped !== undefined);
      assert.match(firstSaid(tapped), /^000100010000000100000000/);
      const [first] = tapped.frames('us').filter(({ type }) => type === DATA);
      assert.match(first?.payload.toString('hex') ?? '', TLS_RECORD);
      const flags = ['-grpc', '-mux', '-mtls'];
      const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags });
      assert.equal(await host.call('Text', 'inside of each stream'), 'inside of each stream');
    },
    { '1.4.10': 'multiplexing came with 1.6.0' },
  );

  statement(
    '66. Certificates on P-256 and P-521 serve in both roles; field 6 is base64 without padding.',
    async (t, release) => {
      const { host, kit } = await launchKit(t, release, { autoMtls: 'require' });
      assert.ok(host.isMutualTls);
      assert.equal(await kit.call('Text', 'encrypted'), 'encrypted');
      const goHost = await GoHost.start(t, release, { flags: ['-mtls'] });
      assert.equal(await goHost.call('Text', 'encrypted'), 'encrypted');
      for (const [maker, curve] of [
        ['Go', 'secp521r1'],
        ['ours', 'prime256v1'],
      ] as const) {
        const plugin = await startWith(t, { maker, release, identity: createTlsIdentity(Date.now()) });
        const field = (await plugin.fields())[5] ?? '';
        assert.match(field, /^[A-Za-z0-9+/]{50,}$/, maker);
        const { publicKey } = new X509Certificate(Buffer.from(field, 'base64'));
        assert.equal(publicKey.asymmetricKeyDetails?.namedCurve, curve);
      }
    },
  );

  statement(
    '67. A foreign certificate, or none, is refused by the plugin and by the host.',
    async (t, release) => {
      const known = createTlsIdentity(Date.now());
      const foreign = createTlsIdentity(Date.now());
      for (const maker of makersFor(release)) {
        const plugin = await startWith(t, { maker, release, identity: known });
        assert.equal(await speaks(plugin, t, credentials(known)), true, maker);
        assert.equal(await speaks(plugin, t, credentials(foreign)), false, maker);
        assert.equal(await speaks(plugin, t, {}), false, maker);
      }
      const foreignField = Buffer.from(foreign.certificate).toString('base64').replace(/=+$/, '');
      const command = join(import.meta.dirname, 'plugins/rewrite-line.sh');
      const args = [`{1}|{2}|{3}|{4}|{5}|${foreignField}`, ...(await pluginCommand('Go', release))];
      await assert.rejects(
        launchPlugin(await kitLaunch(release, { command, args, autoMtls: 'require' })),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_TLS_FAILED',
      );
      const silent = [`{1}|{2}|{3}|{4}|{5}|`, ...(await pluginCommand('Go', release))];
      await assert.rejects(
        launchPlugin(await kitLaunch(release, { command, args: silent, autoMtls: 'require' })),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_TLS_REQUIRED',
      );
    },
  );

  statement('68. TLS older than 1.2 is refused, and the server is called localhost.', async (t, release) => {
    const identity = createTlsIdentity(Date.now());
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    for (const maker of makersFor(release)) {
      const plugin = await startWith(t, { maker, release, identity });
      assert.equal(await speaks(plugin, t, { ...credentials(identity), ...old }), false, maker);
      assert.equal(await speaks(plugin, t, { ...credentials(identity), maxVersion: 'TLSv1.2' }), true, maker);
      const [, , , , , field = ''] = await plugin.fields();
      const { subjectAltName } = new X509Certificate(Buffer.from(field, 'base64'));
      assert.equal(subjectAltName, 'DNS:localhost', maker);
    }
    const { wire } = await launchKit(t, release, { autoMtls: 'require' });
    const [hello] = wire.passages.filter(({ from }) => from === 'us');
    assert.ok(hello?.bytes.includes('localhost'), 'the name is in the clear text of the first message');
  });

  statement('69. Brokered connections use the same certificates, both ways.', async (t, release) => {
    for (const multiplex of release === '1.4.10' ? [false] : [false, true]) {
      const options = { args: ['-grpc'], autoMtls: 'require', multiplex } as const;
      const plugin = await launchPlugin(await kitLaunch(release, options));
      atEnd(t, () => plugin.kill());
      const { connection } = plugin;
      assert.ok(connection.protocol === 'grpc' && plugin.isMutualTls);
      const kit = new GrpcKit(connection.dispense());
      const served = connection.broker.serve([{ name: SERVICE, methods: { Text: (request) => request } }]);
      assert.equal(await kit.call('CallBack', String(served.id)), 'called back');
      const channel = await connection.broker.dial(Number(await kit.call('Offer', '')), CALL);
      assert.equal(await new GrpcKit(channel).call('Text', 'offered'), 'offered');
      const flags = ['-grpc', '-mtls', ...(multiplex ? ['-mux'] : [])];
      const host = await GoHost.start(t, release, { command: OUR_GRPC_PLUGIN, flags });
      assert.equal(await host.do({ do: 'callback' }), 'called back');
      assert.equal(await host.do({ do: 'offer' }), 'offered');
    }
  });
});

/** A handshake record of TLS. */
const TLS_RECORD = /^1603/;

function firstSaid(wire: TappedSocket): string {
  return wire.passages.find(({ from }) => from === 'us')?.bytes.toString('hex') ?? '';
}

/** Who starts what, and the certificate the plugin is told of. */
interface Start {
  readonly maker: Maker;
  readonly release: Release;
  readonly identity: TlsIdentity;
}

async function startWith(t: TestContext, { maker, release, identity }: Start): Promise<PluginProcess> {
  const command = maker === 'ours' ? OUR_PLUGIN : await pluginCommand(maker, release);
  return PluginProcess.start(t, command, { PLUGIN_CLIENT_CERT: identity.certificatePem });
}

function credentials({ certificatePem, privateKeyPem }: TlsIdentity): ConnectionOptions {
  return { cert: certificatePem, key: privateKeyPem };
}

/** Whether the plugin answers a yamux ping over TLS with these credentials; ours are the host's, not checked here. */
async function speaks(plugin: PluginProcess, t: TestContext, options: ConnectionOptions): Promise<boolean> {
  const socket = await plugin.connect(t);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const tls = connect({ ...options, socket, servername: 'localhost', rejectUnauthorized: false });
  tls.on('error', () => resolve(false));
  tls.on('close', () => resolve(false));
  tls.on('data', () => resolve(true));
  tls.on('secureConnect', () => tls.write(Buffer.from('000200010000000000000007', 'hex')));
  const spoke = await promise;
  tls.destroy();
  return spoke;
}
