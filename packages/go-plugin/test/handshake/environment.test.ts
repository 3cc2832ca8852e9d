import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatHostEnvironment } from '../../src/handshake/host-environment.ts';
import { checkMagicCookie, parsePluginEnvironment } from '../../src/handshake/plugin-environment.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);
const handshake = { magicCookieKey: 'SMTP_ROUTER_PLUGIN', magicCookieValue: 'hello' };
const host = { handshake, versions: [1, 2], ports: { min: 10_000, max: 25_000 }, socketDirectory: '/tmp/x' };

test('the host sends cookie, ports, versions and socket directory and nothing else by default', () => {
  assert.deepEqual(formatHostEnvironment(host), {
    SMTP_ROUTER_PLUGIN: 'hello',
    PLUGIN_MIN_PORT: '10000',
    PLUGIN_MAX_PORT: '25000',
    PLUGIN_PROTOCOL_VERSIONS: '1,2',
    PLUGIN_UNIX_SOCKET_DIR: '/tmp/x',
    TMPDIR: '/tmp/x',
  });
});

test('certificate and multiplexing are sent only when wanted', () => {
  const sent = formatHostEnvironment({ ...host, clientCertificate: 'PEM', multiplex: true });
  assert.equal(sent['PLUGIN_CLIENT_CERT'], 'PEM');
  assert.equal(sent['PLUGIN_MULTIPLEX_GRPC'], 'true');
  assert.equal('PLUGIN_MULTIPLEX_GRPC' in formatHostEnvironment({ ...host, multiplex: false }), false);
});

test('a plugin reads what the host sent', () => {
  assert.deepEqual(parsePluginEnvironment(formatHostEnvironment({ ...host, clientCertificate: 'PEM' })), {
    hostVersions: [1, 2],
    ignoredVersions: [],
    ports: { min: 10_000, max: 25_000 },
    socketDirectory: '/tmp/x',
    clientCertificate: 'PEM',
    wantsMultiplex: false,
  });
});

test('a host that sends nothing leaves everything absent', () => {
  assert.deepEqual(parsePluginEnvironment({}), { ignoredVersions: [], wantsMultiplex: false });
});

test('items of the version list that are not numbers are skipped and named', () => {
  const parsed = parsePluginEnvironment({ PLUGIN_PROTOCOL_VERSIONS: '2, x,3,,-1' });
  assert.deepEqual(parsed.hostVersions, [2, 3]);
  assert.deepEqual(parsed.ignoredVersions, [' x', '-1']);
});

test('the multiplexing variable counts by its presence, whatever its value', () => {
  assert.equal(parsePluginEnvironment({ PLUGIN_MULTIPLEX_GRPC: 'false' }).wantsMultiplex, true);
  assert.equal(parsePluginEnvironment({ PLUGIN_MULTIPLEX_GRPC: '' }).wantsMultiplex, false);
});

for (const [min, max] of [
  ['', '1'],
  ['0', '10'],
  ['20', '10'],
  ['1', '65536'],
  ['a', 'b'],
]) {
  test(`ports ${min}–${max} are no range`, () => {
    const parsed = parsePluginEnvironment({ PLUGIN_MIN_PORT: min, PLUGIN_MAX_PORT: max });
    assert.equal(parsed.ports, undefined);
  });
}

test('any variables are read without an exception', () => {
  const names = fc.constantFrom(
    'PLUGIN_PROTOCOL_VERSIONS',
    'PLUGIN_MIN_PORT',
    'PLUGIN_MAX_PORT',
    'PLUGIN_MULTIPLEX_GRPC',
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.string()), (environment) => {
      const parsed = parsePluginEnvironment(environment);
      assert.ok(parsed.hostVersions?.every(Number.isSafeInteger) ?? true);
    }),
    { numRuns },
  );
});

test('the cookie is compared, and a configuration without one is told apart', () => {
  assert.equal(checkMagicCookie(handshake, { SMTP_ROUTER_PLUGIN: 'hello' }), 'match');
  assert.equal(checkMagicCookie(handshake, { SMTP_ROUTER_PLUGIN: 'hallo' }), 'mismatch');
  assert.equal(checkMagicCookie(handshake, {}), 'mismatch');
  assert.equal(checkMagicCookie({ ...handshake, magicCookieValue: '' }, { SMTP_ROUTER_PLUGIN: '' }), 'unset');
  assert.equal(checkMagicCookie({ ...handshake, magicCookieKey: '' }, {}), 'unset');
});
