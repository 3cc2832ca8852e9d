import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Duplex } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls';
import { PluginError } from '../../src/errors.ts';
import type { ChannelSecurity } from '../../src/transport/channel-security.ts';
import { isCertificate, mutualTls } from '../../src/transport/mutual-tls.ts';
import { connectNetRpc } from '../../src/transport/net-rpc-host.ts';
import { serveNetRpcConnection } from '../../src/transport/net-rpc-plugin.ts';
import { createTlsIdentity, type TlsIdentity } from '../../src/transport/tls-identity.ts';
import { encodeCertificatePem } from '../../src/x509/pem.ts';
import { buildSelfSignedCertificate } from '../../src/x509/self-signed-certificate.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { CALL, ECHO, IGNORE_OUTPUT, SILENT, socketPair, text } from './socket-pair.ts';

const host = createTlsIdentity(Date.now());
const plugin = createTlsIdentity(Date.now());
const stranger = createTlsIdentity(Date.now());

const between = (own: TlsIdentity, peer: TlsIdentity): ChannelSecurity =>
  mutualTls({ own, peerCertificate: peer.certificate });

/** An identity as Go makes it; `issuer` signs it, itself unless given. */
function p521Identity(issuer?: TlsIdentity): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const certificate = buildSelfSignedCertificate({
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    serial: randomBytes(16),
    keyIdentifier: randomBytes(20),
    now: Date.now(),
    hash: issuer === undefined ? 'sha512' : 'sha256',
    sign: (bytes) =>
      issuer === undefined ? sign('sha512', bytes, privateKey) : sign('sha256', bytes, issuer.privateKeyPem),
  });
  return {
    certificate,
    certificatePem: encodeCertificatePem(certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Ends {
  readonly host: ChannelSecurity;
  readonly plugin: ChannelSecurity;
}

/** What came of both ends: a stream, or why not. */
async function meet(context: TestContext, ends: Ends) {
  const sockets = await socketPair(context);
  const [dialled, accepted] = await Promise.allSettled([
    ends.host.dialled(sockets.host),
    ends.plugin.accepted(sockets.plugin),
  ]);
  return { dialled, accepted };
}

function isRefused(outcome: PromiseSettledResult<Duplex>): boolean {
  if (outcome.status === 'fulfilled') return false;
  assert.ok(outcome.reason instanceof PluginError, String(outcome.reason));
  assert.equal(outcome.reason.code, 'PLUGIN_TLS_FAILED');
  return true;
}

test('the two parties named meet, with TLS 1.3 and HTTP/2 agreed upon', async (context) => {
  const { dialled, accepted } = await meet(context, {
    host: between(host, plugin),
    plugin: between(plugin, host),
  });
  for (const outcome of [dialled, accepted]) {
    assert.ok(outcome.status === 'fulfilled' && outcome.value instanceof TLSSocket);
    assert.equal(outcome.value.getProtocol(), 'TLSv1.3');
    assert.equal(outcome.value.alpnProtocol, 'h2');
  }
});

test('a party on P-521, as Go makes it, is met in either role', async (context) => {
  const go = p521Identity();
  for (const [hosting, serving] of [
    [host, go],
    [go, plugin],
  ] as const) {
    const met = await meet(context, { host: between(hosting, serving), plugin: between(serving, hosting) });
    assert.deepEqual([met.dialled.status, met.accepted.status], ['fulfilled', 'fulfilled']);
  }
});

test('a plugin refuses the certificate of a stranger', async (context) => {
  const { accepted } = await meet(context, {
    host: between(stranger, plugin),
    plugin: between(plugin, host),
  });
  assert.ok(isRefused(accepted));
});

test('a host refuses the certificate of a stranger', async (context) => {
  const { dialled, accepted } = await meet(context, {
    host: between(host, plugin),
    plugin: between(stranger, host),
  });
  assert.ok(isRefused(dialled));
  assert.ok(isRefused(accepted));
});

test('a certificate that the named party merely issued is refused on both sides', async (context) => {
  const issuedByPlugin = p521Identity(plugin);
  const asPlugin = await meet(context, {
    host: between(host, plugin),
    plugin: between(issuedByPlugin, host),
  });
  assert.ok(isRefused(asPlugin.dialled));
  const issuedByHost = p521Identity(host);
  const asHost = await meet(context, {
    host: between(issuedByHost, plugin),
    plugin: between(plugin, host),
  });
  assert.ok(isRefused(asHost.accepted));
});

/** A host of node:tls alone, on the socket of a plugin that knows the real one. */
async function strangeHost(context: TestContext, options: ConnectionOptions): Promise<boolean> {
  const sockets = await socketPair(context);
  const socket = connect({
    socket: sockets.host,
    ca: plugin.certificatePem,
    servername: 'localhost',
    ...options,
  });
  socket.on('error', () => undefined);
  const [outcome] = await Promise.allSettled([between(plugin, host).accepted(sockets.plugin)]);
  return isRefused(outcome);
}

test('a plugin refuses a host that shows no certificate', async (context) => {
  assert.ok(await strangeHost(context, {}));
});

test('a plugin refuses TLS before 1.2 and takes TLS 1.2', async (context) => {
  const shown = { cert: host.certificatePem, key: host.privateKeyPem };
  const old = { ...shown, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
  assert.ok(await strangeHost(context, old));
  assert.equal(await strangeHost(context, { ...shown, maxVersion: 'TLSv1.2' }), false);
});

test('a peer that speaks no TLS is refused on both sides, and one that hangs up', async (context) => {
  const plain = await socketPair(context);
  const accepted = between(plugin, host).accepted(plain.plugin);
  plain.host.write('\0\x01\0\x01\0\0\0\x01\0\0\0\0');
  assert.ok(isRefused((await Promise.allSettled([accepted]))[0]));

  const talking = await socketPair(context);
  const dialled = between(host, plugin).dialled(talking.host);
  talking.plugin.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  assert.ok(isRefused((await Promise.allSettled([dialled]))[0]));

  const gone = await socketPair(context);
  const left = between(plugin, host).accepted(gone.plugin);
  gone.host.destroy();
  assert.ok(isRefused((await Promise.allSettled([left]))[0]));
});

test('a peer that stays silent is refused after 10 seconds', async (context) => {
  const { plugin: socket } = await socketPair(context);
  const clock = new ManualClock();
  const security = mutualTls({ own: plugin, peerCertificate: host.certificate }, clock);
  const accepted = Promise.allSettled([security.accepted(socket)]);
  await clock.advance(9_999);
  assert.equal(socket.destroyed, false);
  await clock.advance(1);
  assert.ok(isRefused((await accepted)[0]));
});

test('net/rpc runs inside TLS: calls, large values, output, the end', async (context) => {
  const sockets = await socketPair(context);
  const hostSide = between(host, plugin).dialled(sockets.host);
  const pluginSide = between(plugin, host).accepted(sockets.plugin);
  const served = serveNetRpcConnection(await pluginSide, {
    dispense: () => ECHO,
    stdout: SILENT,
    stderr: SILENT,
    onQuit: () => served.close(),
  });
  const connection = connectNetRpc(await hostSide, IGNORE_OUTPUT);
  const channel = await connection.dispense('echo', CALL);
  const calls = Array.from({ length: 64 }, (_, index) => channel.call('Echo', text(`call ${index}`), CALL));
  assert.deepEqual(
    (await Promise.all(calls)).map(({ value }) => value),
    calls.map((_, index) => `call ${index}`),
  );
  const large = 'x'.repeat(700_000);
  assert.equal((await channel.call('Echo', text(large), CALL)).value, large);
  await connection.quit(CALL);
  await connection.closed;
  assert.equal(await served.closed, undefined);
});

test('calls under way fail at once when the socket below TLS is gone', async (context) => {
  const sockets = await socketPair(context);
  const hostSide = between(host, plugin).dialled(sockets.host);
  const stream = await between(plugin, host).accepted(sockets.plugin);
  const options = { dispense: () => ECHO, stdout: SILENT, stderr: SILENT, onQuit: () => undefined };
  serveNetRpcConnection(stream, options);
  const connection = connectNetRpc(await hostSide, IGNORE_OUTPUT);
  const channel = await connection.dispense('echo', CALL);
  const pending = channel.call('Hang', text(''), CALL);
  sockets.plugin.destroy();
  await assert.rejects(pending, { code: 'PLUGIN_CONNECTION_LOST' });
});

test('what is a certificate is told from what is not', () => {
  assert.equal(isCertificate(host.certificate), true);
  assert.equal(isCertificate(Uint8Array.of(0x30, 0)), false);
  assert.equal(isCertificate(new Uint8Array(0)), false);
});
