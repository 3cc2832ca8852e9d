import assert from 'node:assert/strict';
import test from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { GOB_STRING } from '../../src/gob/schema.ts';
import {
  formatReattachConfig,
  parseReattachConfig,
  type ReattachConfig,
} from '../../src/handshake/reattach-config.ts';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import { reattachPlugin } from '../../src/host/reattach-plugin.ts';
import { servePluginInTestMode } from '../../src/plugin/serve-plugin.ts';
import { handshake } from '../fixtures/handshake.ts';

const CALL = { timeoutMs: 20_000 };

/** Serves in this process until the test ends. */
async function serveHere(context: test.TestContext): Promise<ReattachConfig> {
  const ending = new AbortController();
  const serving = Promise.withResolvers<ReattachConfig>();
  const echo = { argument: GOB_STRING, reply: GOB_STRING, handle: (text: unknown) => text };
  const served = servePluginInTestMode(
    { handshake, versions: { 1: { echo: () => ({ Echo: echo }) } } },
    { onServing: serving.resolve, signal: ending.signal },
  );
  context.after(async () => {
    ending.abort();
    await served;
  });
  return serving.promise;
}

test('hosts come and go, the plugin in test mode stays', async (context) => {
  const where = parseReattachConfig(formatReattachConfig(await serveHere(context)));
  assert.equal(where.pid, process.pid);
  for (const text of ['first', 'second']) {
    const host = await reattachPlugin(where, { name: 'echo' });
    const channel = await overNetRpc(host.connection).dispense('echo', CALL);
    const reply = await channel.call('Echo', { type: GOB_STRING, value: text }, CALL);
    assert.equal(reply.value, text);
    await host.connection.quit(CALL);
    const exit = await host.kill();
    assert.equal(await host.kill(), exit);
  }
});

test('a test mode with nothing to serve rejects', async () => {
  const test = { onServing: () => assert.fail('nothing is served'), signal: new AbortController().signal };
  await assert.rejects(
    servePluginInTestMode({ handshake, versions: {} }, test),
    (error) => error instanceof PluginError && error.code === 'PLUGIN_VERSIONS_EMPTY',
  );
});
