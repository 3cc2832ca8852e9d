import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import type { ReattachConfig } from '../../src/handshake/reattach-config.ts';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import type { PluginOutput } from '../../src/host/plugin-output.ts';
import { reattachPlugin } from '../../src/host/reattach-plugin.ts';
import { handshake } from '../fixtures/handshake.ts';
import { eventually, isAlive, temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const CALL = { timeoutMs: 20_000 };

/** The plugin of fixtures/plugins/good.mjs, started by nobody of ours. */
async function running(context: TestContext, isTest: boolean): Promise<ReattachConfig> {
  const script = join(import.meta.dirname, '../fixtures/plugins/good.mjs');
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: temporaryDirectory(context),
      [handshake.magicCookieKey]: handshake.magicCookieValue,
      PLUGIN_PROTOCOL_VERSIONS: '1',
    },
  });
  context.after(() => child.kill('SIGKILL'));
  assert.ok(child.pid !== undefined);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const [, , , path = ''] = String(line).split('|');
  const address = { network: 'unix', path } as const;
  return { protocol: 'netrpc', appVersion: 1, address, pid: child.pid, isTest };
}

async function echo(plugin: Awaited<ReturnType<typeof reattachPlugin>>): Promise<unknown> {
  const channel = await overNetRpc(plugin.connection).dispense('selector', CALL);
  const reply = await channel.call('Echo', { type: { kind: 'string' }, value: 'again' }, CALL);
  return reply.value;
}

describe('a plugin that is reattached', () => {
  it('is called and ended like one that was launched, and leaves no directory', async (context) => {
    const config = await running(context, false);
    const socketRoot = temporaryDirectory(context);
    const plugin = await reattachPlugin(config, { name: 'mine', socketRoot });
    assert.deepEqual([plugin.pid, plugin.appVersion, plugin.protocol], [config.pid, 1, 'netrpc']);
    assert.equal(await echo(plugin), 'again');
    const [first, second] = await Promise.all([plugin.kill(), plugin.kill()]);
    assert.equal(first, second);
    assert.ok(!isAlive(config.pid));
    assert.deepEqual(readdirSync(socketRoot), []);
  });

  it('lives on in test mode, and can be reattached again', async (context) => {
    const config = await running(context, true);
    for (let round = 0; round < 2; round += 1) {
      const plugin = await reattachPlugin(config, { name: 'mine' });
      assert.equal(await echo(plugin), 'again');
      await plugin.kill();
      assert.ok(isAlive(config.pid));
    }
  });

  it('tells what it prints', async (context) => {
    const outputs: PluginOutput[] = [];
    const config = await running(context, true);
    const plugin = await reattachPlugin(config, { name: 'mine', onOutput: (output) => outputs.push(output) });
    context.after(() => plugin.kill());
    const channel = await overNetRpc(plugin.connection).dispense('selector', CALL);
    await channel.call('Print', { type: { kind: 'string' }, value: 'hello' }, CALL);
    await eventually('both lines', () => outputs.length === 2);
    assert.deepEqual(
      new Set(outputs),
      new Set([
        { kind: 'print', stream: 'stdout', text: 'hello' },
        { kind: 'print', stream: 'stderr', text: 'hello too' },
      ]),
    );
  });

  it('fails its calls when it dies', async (context) => {
    const plugin = await reattachPlugin(await running(context, false), { name: 'mine' });
    const channel = await overNetRpc(plugin.connection).dispense('selector', CALL);
    const pending = channel.call('Hang', { type: { kind: 'string' }, value: '' }, CALL);
    process.kill(plugin.pid, 'SIGKILL');
    await assert.rejects(pending, PluginError);
    assert.deepEqual(await plugin.exited, { status: null, signal: null, lastLines: [] });
  });

  it('is not ended when nobody answers: the number may be another’s', async (context) => {
    const config = await running(context, false);
    const address = { network: 'unix', path: join(temporaryDirectory(context), 'gone') } as const;
    await assert.rejects(
      reattachPlugin({ ...config, address }, { name: 'mine' }),
      (error) => error instanceof PluginError && error.code === 'PLUGIN_CONNECT_FAILED',
    );
    assert.ok(isAlive(config.pid));
  });
});
