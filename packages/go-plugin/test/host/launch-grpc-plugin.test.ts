import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { launchPlugin } from '../../src/host/launch-plugin.ts';
import type { PluginLaunchOptions } from '../../src/host/plugin-launch-options.ts';
import { eventually, fixtureLaunch, leftovers } from '../fixtures/plugin-fixture.ts';

const CALL = { timeoutMs: 20_000 };
const NOTHING = new Uint8Array(0);
const hasCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

async function good(context: TestContext, options: Partial<PluginLaunchOptions> = {}) {
  const given = {
    ...fixtureLaunch(context, 'good-grpc'),
    versions: [1, 2],
    startTimeoutMs: 60_000,
    ...options,
  };
  const plugin = await launchPlugin(given);
  context.after(() => plugin.kill());
  const { connection } = plugin;
  assert.ok(connection.protocol === 'grpc');
  return { given, plugin, connection, channel: connection.dispense() };
}

test('a gRPC plugin is launched, called, pinged and ends in order', async (context) => {
  const { given, plugin, connection, channel } = await good(context);
  assert.equal(plugin.protocol, 'grpc');
  assert.equal(plugin.appVersion, 2);
  assert.equal(
    Buffer.from(await channel.unary('/test.Good/Pid', NOTHING, CALL)).toString(),
    String(plugin.pid),
  );
  await connection.ping(CALL);
  const exit = await plugin.kill();
  assert.deepEqual([exit.status, exit.signal], [0, null]);
  assert.deepEqual(leftovers(given), []);
});

test('what a gRPC plugin prints and logs arrives as output', async (context) => {
  const { given, channel } = await good(context);
  await channel.unary('/test.Good/Print', Buffer.from('hello'), CALL);
  const prints = () => given.outputs.filter(({ kind }) => kind === 'print');
  await eventually('both lines', () => prints().length === 2);
  assert.deepEqual(
    new Set(prints()),
    new Set([
      { kind: 'print', stream: 'stdout', text: 'hello' },
      { kind: 'print', stream: 'stderr', text: 'hello too' },
    ]),
  );
  assert.ok(given.outputs.some((output) => output.kind === 'log' && output.record.message === 'starting'));
});

test('calls under way fail when the process of a gRPC plugin dies', async (context) => {
  const { plugin, channel } = await good(context);
  const hanging = channel.unary('/test.Good/Hang', NOTHING, CALL);
  const dying = channel.unary('/test.Good/Die', NOTHING, CALL);
  for (const call of [hanging, dying]) {
    await assert.rejects(
      call,
      (error) => hasCode('PLUGIN_CONNECTION_LOST')(error) || hasCode('PLUGIN_CLOSED')(error),
    );
  }
  assert.equal((await plugin.exited).signal, 'SIGKILL');
});

test('the version agreed upon decides the protocol', async (context) => {
  const plugin = await launchPlugin({
    ...fixtureLaunch(context, 'good-grpc'),
    versions: [3],
    startTimeoutMs: 60_000,
  });
  context.after(() => plugin.kill());
  assert.equal(plugin.connection.protocol, 'netrpc');
});

test('a ping tells that the socket file was removed, while calls go on', async (context) => {
  const { given, connection, channel } = await good(context);
  await connection.ping(CALL);
  for (const directory of leftovers(given)) {
    rmSync(join(given.socketRoot, directory), { recursive: true });
  }
  await assert.rejects(connection.ping(CALL), hasCode('PLUGIN_SOCKET_LOST'));
  assert.equal((await channel.unary('/test.Good/Echo', Buffer.from('x'), CALL)).length, 1);
});
