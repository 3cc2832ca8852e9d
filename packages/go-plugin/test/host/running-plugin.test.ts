import assert from 'node:assert/strict';
import test from 'node:test';
import { launchPluginWith } from '../../src/host/launch-plugin-with.ts';
import { eventually, fixtureLaunch, isAlive, leftovers, tenfold } from '../fixtures/plugin-fixture.ts';
import { silentConnection } from '../fixtures/silent-connection.ts';

/** Quit 1 s, grace 2 s, SIGTERM 0.5 s, and room for a loaded machine. */
const KILL_BOUND_MS = 3500 + 2500;

test('a plugin that ignores Quit and SIGTERM is killed within the bound', async (context) => {
  const given = fixtureLaunch(context, 'deaf');
  const plugin = await launchPluginWith(given, silentConnection);
  const started = performance.now();
  const exit = await plugin.kill();
  assert.ok(performance.now() - started < KILL_BOUND_MS);
  assert.equal(exit.signal, 'SIGKILL');
  assert.equal(isAlive(plugin.pid), false);
  assert.deepEqual(leftovers(given), []);
});

test('a stopped plugin is killed within the bound', async (context) => {
  const plugin = await launchPluginWith(
    { ...fixtureLaunch(context, 'deaf'), clock: tenfold },
    silentConnection,
  );
  process.kill(plugin.pid, 'SIGSTOP');
  assert.equal((await plugin.kill()).signal, 'SIGKILL');
  assert.equal(isAlive(plugin.pid), false);
});

test('kill is idempotent, before and after the end', async (context) => {
  const plugin = await launchPluginWith(fixtureLaunch(context, 'deaf'), silentConnection);
  process.kill(plugin.pid, 'SIGKILL');
  const [first, second] = await Promise.all([plugin.kill(), plugin.kill()]);
  assert.deepEqual(first, second);
  assert.deepEqual(await plugin.kill(), await plugin.exited);
});

test('when the process dies the connection is closed and its directory removed without a kill', async (context) => {
  const given = fixtureLaunch(context, 'deaf');
  const plugin = await launchPluginWith(given, silentConnection);
  const pending = assert.rejects(plugin.connection.ping({ timeoutMs: 60_000 }));
  process.kill(plugin.pid, 'SIGKILL');
  await pending;
  await plugin.connection.closed;
  assert.equal((await plugin.exited).signal, 'SIGKILL');
  assert.deepEqual(leftovers(given), []);
});

test('the whole group of a plugin ends with it', async (context) => {
  const given = fixtureLaunch(context, 'with-child');
  const plugin = await launchPluginWith(given, silentConnection);
  const said = () => given.outputs.find((output) => output.kind === 'log');
  await eventually('the plugin named its child', () => said() !== undefined);
  const output = said();
  assert.ok(output?.kind === 'log');
  const child = Number(output.record.message.replace('child ', ''));
  assert.ok(isAlive(child));
  process.kill(plugin.pid, 'SIGKILL');
  await plugin.exited;
  await eventually('the child is gone', () => !isAlive(child));
});
