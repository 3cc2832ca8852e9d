/** Swaps of a script under load, with real processes. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { overNetRpc } from '../../src/host/over-net-rpc.ts';
import { ExecutableStore } from '../../src/supervisor/executable-store.ts';
import { PluginSupervisor } from '../../src/supervisor/plugin-supervisor.ts';
import type { RpcChannel } from '../../src/transport/plugin-connection.ts';
import { handshake } from '../fixtures/handshake.ts';
import { eventually, isAlive, temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const SERVE = pathToFileURL(join(import.meta.dirname, '../../src/plugin/serve-plugin.ts')).href;
const CALLERS = 64;

/** A plugin that answers its version; `fault` runs when it is asked. */
function pluginText(version: number, fault = ''): string {
  return `
    import { servePlugin } from '${SERVE}';
    const handle = () => { ${fault}; return ${version}; };
    const Version = { argument: { kind: 'string' }, reply: { kind: 'int' }, handle };
    await servePlugin({ handshake: ${JSON.stringify(handshake)}, versions: { 1: { selector: () => ({ Version }) } } });
  `;
}

/** A supervised script at version 0, whose pids are noted and ended with the test at the latest. */
async function start(context: TestContext) {
  const directory = temporaryDirectory(context);
  const script = join(directory, 'plugin.mjs');
  const put = (text: string): void => {
    writeFileSync(`${script}.new`, text);
    renameSync(`${script}.new`, script);
  };
  const store = new ExecutableStore(join(directory, 'copies'));
  put(pluginText(0));
  const pids: number[] = [];
  const ask = async (channel: RpcChannel, bounds: { readonly timeoutMs: number }): Promise<number> => {
    const reply = await channel.call('Version', { type: { kind: 'string' }, value: '' }, bounds);
    return Number(reply.value);
  };
  const supervisor = new PluginSupervisor<RpcChannel>({
    name: 'versions',
    launch: {
      name: 'versions',
      command: process.execPath,
      args: [script],
      handshake,
      versions: [1],
      socketRoot: directory,
      startTimeoutMs: 60_000,
    },
    prepare: () => store.prepareFiles([script]),
    open: ({ connection }) => overNetRpc(connection).dispense('selector', { timeoutMs: 60_000 }),
    probe: ask,
    onEvent: () => undefined,
    callTimeoutMs: 60_000,
    maxInFlight: 256,
    registry: {
      add: async ({ pid }) => void pids.push(pid),
      remove: async () => undefined,
    },
  });
  context.after(() => supervisor.close());
  await supervisor.start();
  return { supervisor, put, pids, ask: () => supervisor.call(ask) };
}

test('swaps under 64 callers fail no call, and a broken newcomer between them changes nothing', async (context) => {
  const { supervisor, put, pids, ask } = await start(context);
  const served = { from: 0, to: 0, answers: 0 };
  let isOver: boolean = false;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) {
      const { from } = served;
      const answer = await ask();
      assert.ok(answer >= from && answer <= served.to, `${answer} between ${from} and ${served.to}`);
      served.answers += 1;
    }
  });
  for (let version = 1; version <= 4; version += 1) {
    const { pid } = supervisor.status();
    put(pluginText(-1, 'throw new Error("broken")'));
    const refused = await supervisor.swap({ isForced: false });
    assert.equal(refused.kind === 'failed' && refused.failure.error.code, 'PLUGIN_PROBE_FAILED');
    assert.equal(supervisor.status().pid, pid);
    served.to = version;
    put(pluginText(version));
    assert.equal((await supervisor.swap({ isForced: false })).kind, 'swapped');
    served.from = version;
  }
  isOver = true;
  await Promise.all(callers);
  assert.ok(served.answers >= CALLERS);
  await supervisor.close();
  assert.equal(pids.length, 9);
  assert.deepEqual(pids.filter(isAlive), []);
});

test('the old process or the newcomer may be killed in the middle of a swap', async (context) => {
  const { supervisor, put, pids, ask } = await start(context);
  put(pluginText(1, 'process.kill(process.pid, "SIGKILL")'));
  const refused = await supervisor.swap({ isForced: false });
  assert.equal(refused.kind === 'failed' && refused.failure.error.code, 'PLUGIN_PROBE_FAILED');
  assert.equal(await ask(), 0);
  put(pluginText(2));
  const swapping = supervisor.swap({ isForced: false });
  process.kill(supervisor.status().pid ?? assert.fail(), 'SIGKILL');
  assert.equal((await swapping).kind, 'swapped');
  assert.equal(await ask(), 2);
  await supervisor.close();
  await eventually('no process', () => !pids.some(isAlive));
});
