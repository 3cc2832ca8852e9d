import assert from 'node:assert/strict';
import test from 'node:test';
import { launchPlugin } from '../../src/host/launch-plugin.ts';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import { createTlsIdentity } from '../../src/transport/tls-identity.ts';
import { failedStart } from '../fixtures/failed-start.ts';
import { fixtureLaunch } from '../fixtures/plugin-fixture.ts';

const bounds = { timeoutMs: 60_000 };

for (const [autoMtls, isMutualTls] of [
  ['prefer', true],
  ['require', true],
  ['off', false],
] as const) {
  test(`with AutoMTLS "${autoMtls}" our plugin is called ${isMutualTls ? 'by mutual TLS' : 'in clear'}`, async (context) => {
    const plugin = await launchPlugin({ ...fixtureLaunch(context, 'good'), autoMtls });
    assert.equal(plugin.isMutualTls, isMutualTls);
    const channel = await overNetRpc(plugin.connection).dispense('selector', bounds);
    const reply = await channel.call('Echo', { type: { kind: 'string' }, value: 'hello' }, bounds);
    assert.equal(reply.value, 'hello');
    assert.equal((await plugin.kill()).status, 0);
  });
}

test('loopback TCP needs no permission with mutual TLS, inside the range of ports (go-plugin MinPort)', async (context) => {
  const given = fixtureLaunch(context, 'good');
  const plugin = await launchPlugin({
    ...given,
    environment: { NETWORK: 'tcp' },
    ports: { min: 21_000, max: 24_999 },
  });
  assert.equal(plugin.isMutualTls, true);
  await plugin.connection.ping(bounds);
  assert.equal((await plugin.kill()).status, 0);
});

test('loopback TCP in clear is refused', async (context) => {
  const options = { environment: { NETWORK: 'tcp' }, autoMtls: 'off' } as const;
  const error = await failedStart(context, ['good'], options);
  assert.equal(error.code, 'PLUGIN_TCP_REFUSED');
});

test('a plugin that takes up no AutoMTLS is refused where it is required', async (context) => {
  const error = await failedStart(context, ['listens'], { autoMtls: 'require' });
  assert.equal(error.code, 'PLUGIN_TLS_REQUIRED');
  assert.match(error.message, /^Plugin "listens" .* sent no certificate/);
});

const field6 = (der: Uint8Array): string => Buffer.from(der).toString('base64').replace(/=+$/, '');

test('a plugin that demands TLS although AutoMTLS is off is refused', async (context) => {
  const { certificate } = createTlsIdentity(Date.now());
  const line = `1|1|unix|/tmp/p|netrpc|${field6(certificate)}\n`;
  const error = await failedStart(context, ['prints', line], { autoMtls: 'off' });
  assert.equal(error.code, 'PLUGIN_TLS_UNSUPPORTED');
});

test('a sixth field that is DER but no certificate is refused', async (context) => {
  const line = `1|1|unix|/tmp/p|netrpc|${field6(Uint8Array.of(0x30, 60, ...new Uint8Array(60)))}\n`;
  const error = await failedStart(context, ['prints', line]);
  assert.equal(error.code, 'PLUGIN_HANDSHAKE_CERTIFICATE');
});

test('whoever answers in the plugin’s place, with another certificate, is refused', async (context) => {
  const { certificate } = createTlsIdentity(Date.now());
  const impostor = fixtureLaunch(context, 'impostor', field6(certificate));
  await assert.rejects(launchPlugin(impostor), { code: 'PLUGIN_TLS_FAILED' });
});
