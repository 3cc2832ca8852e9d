import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import type { PluginErrorCode } from '../../src/errors.ts';
import { failedStart, launch } from '../fixtures/failed-start.ts';
import { endNow, fixtureLaunch, temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const WRONG_LINES: readonly (readonly [string, PluginErrorCode])[] = [
  ['hello world\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['\n1|1|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['1|1|unix\n', 'PLUGIN_HANDSHAKE_UNRECOGNIZED'],
  ['2|1|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_CORE_VERSION'],
  ['1|x|unix|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_APP_VERSION'],
  ['1|9|unix|/tmp/p|netrpc|\n', 'PLUGIN_VERSION_UNSUPPORTED'],
  ['1|1|udp|/tmp/p|netrpc|\n', 'PLUGIN_HANDSHAKE_NETWORK'],
  ['1|1|unix||netrpc|\n', 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|relative|netrpc|\n', 'PLUGIN_HANDSHAKE_ADDRESS'],
  [`1|1|unix|/${'x'.repeat(200)}|netrpc|\n`, 'PLUGIN_HANDSHAKE_ADDRESS'],
  ['1|1|unix|/tmp/p|http|\n', 'PLUGIN_HANDSHAKE_PROTOCOL'],
  ['1|1|unix|/nonexistent/p|grpc|\n', 'PLUGIN_CONNECT_FAILED'],
  [`1|1|unix|/tmp/p|netrpc|${'x'.repeat(60)}\n`, 'PLUGIN_HANDSHAKE_CERTIFICATE'],
  ['1|1|unix|/tmp/p|netrpc||maybe\n', 'PLUGIN_HANDSHAKE_MULTIPLEX'],
  ['1|1|unix|/nonexistent/p|netrpc|\n', 'PLUGIN_CONNECT_FAILED'],
  ['1|1|unix|/dev/null|netrpc|\n', 'PLUGIN_SOCKET_UNTRUSTED'],
  ['1|1|tcp|127.0.0.1:9|netrpc|\n', 'PLUGIN_TCP_REFUSED'],
  ['1|1|tcp|192.0.2.1:9|netrpc|\n', 'PLUGIN_TCP_REFUSED'],
];

for (const [line, code] of WRONG_LINES) {
  test(`the first line ${JSON.stringify(line.slice(0, 40))} ends the start with ${code}`, async (context) => {
    const error = await failedStart(context, ['prints', line]);
    assert.equal(error.code, code);
    assert.match(error.message, /^Plugin "prints" /);
  });
}

test('a protocol the host does not take names both sides', async (context) => {
  const error = await failedStart(context, ['prints', '1|1|unix|/tmp/p|grpc|\n'], { protocols: ['netrpc'] });
  assert.equal(error.code, 'PLUGIN_PROTOCOL_UNSUPPORTED');
  assert.match(error.message, /serves grpc, this host takes netrpc/);
});

test('a version mismatch names both sides', async (context) => {
  const error = await failedStart(context, ['prints', '1|9|unix|/tmp/p|netrpc|\n'], { versions: [1, 2] });
  assert.match(error.message, /serves version 9, this host speaks 1, 2/);
});

test('a symbolic link in place of the socket is not followed', async (context) => {
  const directory = temporaryDirectory(context);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(directory, 'real'), resolve));
  context.after(() => server.close());
  symlinkSync(join(directory, 'real'), join(directory, 'link'));
  const error = await failedStart(context, ['prints', `1|1|unix|${join(directory, 'link')}|netrpc|\n`]);
  assert.equal(error.code, 'PLUGIN_SOCKET_UNTRUSTED');
});

test('loopback TCP in clear is taken when allowed', async (context) => {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const line = `1|1|tcp|127.0.0.1:${address.port}|netrpc|\n`;
  const plugin = await launch({ ...fixtureLaunch(context, 'prints', line), allowLoopbackTcp: true });
  await endNow(plugin);
});
