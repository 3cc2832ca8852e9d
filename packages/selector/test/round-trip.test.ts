import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PluginError } from '@smtp-router/go-plugin/errors';
import { launchPlugin, type PluginOutput } from '@smtp-router/go-plugin/host';
import { requestWith, viewWith } from '../src/contract/index.ts';
import {
  openSelectorPlugin,
  SELECTOR_HANDSHAKE,
  SELECTOR_VERSION_1,
  type SelectorPlugin,
} from '../src/host/index.ts';

const CALL = { timeoutMs: 10_000 };
const REQUEST = requestWith({
  downstreams: [
    viewWith({ id: 'one', addr: 'a:25', user: 'u' }),
    viewWith({ id: 'two', addr: 'b:25' }),
    viewWith({ id: 'three', addr: 'c:25' }),
  ],
});

/** Runs a fixture as a plugin process, opens it, and ends it afterwards. */
async function withPlugin(
  fixture: string,
  use: (selector: SelectorPlugin) => Promise<void>,
  onOutput: (output: PluginOutput) => void = () => undefined,
): Promise<void> {
  const plugin = await launchPlugin({
    name: fixture,
    command: process.execPath,
    args: [fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url))],
    handshake: SELECTOR_HANDSHAKE,
    versions: [SELECTOR_VERSION_1],
    startTimeoutMs: 30_000,
    onOutput,
  });
  try {
    await use(await openSelectorPlugin(plugin, { name: fixture, tail: 'rest', dispenseTimeoutMs: 10_000 }));
  } finally {
    const exit = await plugin.kill();
    assert.equal(exit.status, 0, 'a plugin told to quit ends with 0');
  }
}

async function order(selector: SelectorPlugin): Promise<readonly string[]> {
  const reply = await selector.select(REQUEST, CALL);
  assert.equal(reply.kind, 'route');
  return reply.routes[0]?.candidateIds ?? [];
}

describe('A selector written in TypeScript, served to our host', () => {
  it('answers an address, which the host completes by the rest', async () => {
    await withPlugin('last-by-address.ts', async (selector) => {
      assert.deepEqual(await order(selector), ['three', 'one', 'two']);
    });
  });

  it('answers a whole order', async () => {
    await withPlugin('reversed-list.ts', async (selector) => {
      assert.deepEqual(await order(selector), ['three', 'two', 'one']);
    });
  });

  it('answers many calls at a time', async () => {
    await withPlugin('reversed-list.ts', async (selector) => {
      const orders = await Promise.all(Array.from({ length: 64 }, () => order(selector)));
      for (const each of orders) assert.deepEqual(each, ['three', 'two', 'one']);
    });
  });

  it('fails a call it cannot answer and goes on', async () => {
    await withPlugin('last-by-address.ts', async (selector) => {
      await assert.rejects(
        selector.select(requestWith({}), CALL),
        (error) => error instanceof PluginError && error.code === 'PLUGIN_CALL_FAILED',
      );
      assert.deepEqual(await order(selector), ['three', 'one', 'two']);
    });
  });

  it('logs with level and pairs', async () => {
    const outputs: PluginOutput[] = [];
    await withPlugin(
      'last-by-address.ts',
      async (selector) => {
        await order(selector);
      },
      (output) => outputs.push(output),
    );
    const records = outputs.flatMap((output) => (output.kind === 'log' ? [output.record] : []));
    const asked = records.find((record) => record.message === 'asked');
    assert.equal(asked?.level, 'info');
    assert.equal(asked?.module, 'last');
    assert.deepEqual(Object.fromEntries(asked?.pairs ?? []), { downstreams: 3, contractVersion: 1 });
  });
});
