import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { launchPlugin } from '../../src/host/launch-plugin.ts';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import type { RpcChannel } from '../../src/transport/plugin-connection.ts';
import { eventually, type FixtureLaunch, fixtureLaunch, leftovers } from '../fixtures/plugin-fixture.ts';

const bounds = { timeoutMs: 60_000 };
const hasCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

async function good(context: TestContext) {
  const given = fixtureLaunch(context, 'good');
  const plugin = await launchPlugin(given);
  const channel = await overNetRpc(plugin.connection).dispense('selector', bounds);
  return { given, plugin, channel };
}

async function call(channel: RpcChannel, method: string, text: string, timeoutMs = 60_000): Promise<unknown> {
  const reply = await channel.call(method, { type: { kind: 'string' }, value: text }, { timeoutMs });
  return reply.value;
}

const said = (given: FixtureLaunch, kind: 'print' | 'log', text: string) =>
  given.outputs.some((output) => output.kind === kind && JSON.stringify(output).includes(text));

test('a plugin of ours is launched, dispensed, called and quits by itself', async (context) => {
  const { given, plugin, channel } = await good(context);
  assert.equal(plugin.appVersion, 1);
  assert.equal(await call(channel, 'Echo', 'hello'), 'hello');
  await plugin.connection.ping(bounds);
  const started = performance.now();
  const exit = await plugin.kill();
  assert.equal(exit.status, 0);
  assert.ok(performance.now() - started < 2000);
  assert.deepEqual(leftovers(given), []);
});

test('what the plugin prints and logs arrives as output', async (context) => {
  const { given, plugin, channel } = await good(context);
  await call(channel, 'Print', 'printed');
  await eventually(
    'prints and logs',
    () => said(given, 'print', 'printed too') && said(given, 'log', 'starting'),
  );
  const prints = given.outputs.filter((output) => output.kind === 'print');
  assert.deepEqual(
    new Set(prints.map(({ stream, text }) => `${stream}: ${text}`)),
    new Set(['stdout: printed', 'stderr: printed too']),
  );
  await plugin.kill();
});

test('names and methods that are not served are refused, and the plugin goes on', async (context) => {
  const { plugin, channel } = await good(context);
  await assert.rejects(overNetRpc(plugin.connection).dispense('nothing', bounds));
  await assert.rejects(call(channel, 'Nothing', ''), hasCode('PLUGIN_CALL_FAILED'));
  await assert.rejects(call(channel, 'Fail', 'no downstreams'), /no downstreams/);
  assert.equal(await call(channel, 'Echo', 'still here'), 'still here');
  await plugin.kill();
});

test('a call that hangs ends at its deadline, others are not disturbed', async (context) => {
  const { plugin, channel } = await good(context);
  const hung = assert.rejects(call(channel, 'Hang', '', 50), hasCode('PLUGIN_CALL_TIMEOUT'));
  assert.equal(await call(channel, 'Echo', 'meanwhile'), 'meanwhile');
  await hung;
  await plugin.kill();
});

test('when the plugin dies in a call, every pending call fails at once', async (context) => {
  const { plugin, channel } = await good(context);
  const pending = [call(channel, 'Hang', '', 60_000), call(channel, 'Die', '', 60_000)];
  const outcomes = await Promise.allSettled(pending);
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  assert.equal((await plugin.exited).signal, 'SIGKILL');
});

test('a panic in a call is kept with the exit', async (context) => {
  const { plugin, channel } = await good(context);
  await assert.rejects(call(channel, 'Panic', ''));
  const exit = await plugin.exited;
  assert.equal(exit.status, 2);
  assert.equal(exit.panic, 'panic: on request\n\ngoroutine 1 [running]:');
});

test('a plugin with another cookie says why it does not start', async (context) => {
  const options = {
    ...fixtureLaunch(context, 'good'),
    handshake: { magicCookieKey: 'OTHER', magicCookieValue: 'x' },
  };
  await assert.rejects(
    launchPlugin(options),
    /exited with status 1 before its handshake\. Its stderr: .*This program is a plugin/,
  );
});
