import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { MailClient } from '../../packages/router/test/support/mail-client.ts';
import { type CapturingSink, startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { ROOT } from './support/go-programs.ts';
import { type PluginStatus, RouterProcess } from './support/router-process.ts';
import { scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools, lacksNothing, tool } from './support/tools.ts';
import { PluginPlace } from './support/version-plugin.ts';

const LIMIT = { timeout: 120_000 };

/** Longer than the router takes to take up a file that stands still. */
const UNDISTURBED_MS = 3500;

describe('the router replaces a script by itself', () => {
  it('when one of the files it watches changes, and no mail is refused meanwhile', LIMIT, async (t) => {
    const folder = await scratchFolder(t);
    const sinks = [await startCapturingSink(t), await startCapturingSink(t), await startCapturingSink(t)];
    const sdk = JSON.stringify(join(ROOT, 'packages/selector/src/serve/index.ts'));
    const choose = (which: string): string => `
      import { readFileSync } from 'node:fs';
      import { serveSelector } from ${sdk};
      const rules = JSON.parse(readFileSync('rules.json', 'utf8'));
      await serveSelector({ select: ({ downstreams }) => [downstreams[${which}]] });`;
    writeFileSync(join(folder, 'rules.json'), '{ "first": 0 }');
    writeFileSync(join(folder, 'plugin.mjs'), choose('rules.first'));
    const config = configText({
      sinks: sinks.map(({ port }) => port),
      selector: 'mine',
      plugin: {
        command: [process.execPath, 'plugin.mjs'],
        watch: ['plugin.mjs', 'rules.json'],
        timeout: '10s',
        on_failure: 'tempfail',
      },
    });
    const router = await RouterProcess.start(t, { folder, config });
    const client = await MailClient.open(`127.0.0.1:${await router.port()}`, ACCOUNT);
    t.after(() => client.drop());
    const counts = (): readonly number[] => sinks.map(({ contents }) => contents.length);
    const sendUntil = async (sink: number): Promise<void> => {
      const before = counts()[sink] ?? Number.NaN;
      while (counts()[sink] === before) assert.match(await client.send(), /^250 /);
    };
    await sendUntil(0);

    writeFileSync(join(folder, 'rules.json'), '{ "first": 1 }');
    await sendUntil(1);
    writeFileSync(join(folder, 'plugin.mjs'), 'this is no program');
    await waitFor('reason', 30_000, async () => {
      assert.match(await client.send(), /^250 /);
      const { plugins } = await router.status();
      return plugins[0]?.swaps.lastFailure;
    });
    const [zero] = counts();
    writeFileSync(join(folder, 'new.mjs'), choose('rules.first + 1'));
    renameSync(join(folder, 'new.mjs'), join(folder, 'plugin.mjs'));
    await sendUntil(2);
    assert.equal(counts()[0], zero);
    client.drop();
    assert.equal(await router.stop(), 0);
  });
});

describe('the router replaces a compiled plugin by itself', () => {
  it(
    'whichever way its file comes, never by half of it, and no mail is refused meanwhile',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go'])) return;
      const { router, place, sinks, client, plugin } = await start(t);
      const sendUntil = async (isDone: () => boolean | Promise<boolean>): Promise<void> => {
        while (!(await isDone())) assert.match(await client.send(), /^250 /);
      };
      const swapped = (count: number) => async (): Promise<boolean> =>
        (await plugin()).swaps.swapped === count;
      const assertServedBy = async (version: number): Promise<void> => {
        const before = sinks[version]?.contents.length ?? Number.NaN;
        assert.match(await client.send(), /^250 /);
        assert.equal(sinks[version]?.contents.length, before + 1, `version ${version} decides`);
      };
      await assertServedBy(0);

      place.put(place.version(1), 'rename');
      await sendUntil(swapped(1));
      await assertServedBy(1);

      const rest = place.begin(place.version(2));
      const end = performance.now() + UNDISTURBED_MS;
      await sendUntil(() => performance.now() > end);
      const { swaps } = await plugin();
      assert.deepEqual([swaps.swapped, swaps.failed], [1, 0], 'half of a file is left alone');
      await assertServedBy(1);
      rest.finish();
      await sendUntil(swapped(2));
      await assertServedBy(2);

      place.put(place.version(0), 'symlink');
      await sendUntil(swapped(3));
      await assertServedBy(0);

      place.put(place.version(1), 'copy');
      await sendUntil(swapped(4));
      await assertServedBy(1);

      client.drop();
      assert.equal((await plugin()).starts, 1);
      assert.equal(await router.stop(), 0);
    },
  );

  it('but not by one that hangs in its trial: mail goes on, and the reason is told', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    const { router, place, sinks, client, plugin } = await start(t, { timeout: '2s' });
    const { pid } = await plugin();
    place.put(place.version(1, 'hang'));
    let sent = 0;
    for (; (await plugin()).swaps.failed === 0; sent += 1) assert.match(await client.send(), /^250 /);
    assert.equal(sinks[0]?.contents.length, sent);
    const { swaps, ...status } = await plugin();
    assert.deepEqual([status.pid, status.starts, status.state], [pid, 1, 'ready']);
    assert.equal(swaps.lastFailure?.code, 'PLUGIN_PROBE_FAILED');
    assert.match(router.output, /plugin mine was not replaced/);

    place.put(place.version(2));
    while ((await plugin()).swaps.swapped === 0) assert.match(await client.send(), /^250 /);
    assert.match(await client.send(), /^250 /);
    assert.ok((sinks[2]?.contents.length ?? 0) > 0);
    client.drop();
    assert.equal(await router.stop(), 0);
  });

  it(
    'kill -9 of the router in the middle of a swap: nothing of it is left 5 s after its restart',
    LIMIT,
    async (t) => {
      if (!hasTools(t, ['go'])) return;
      const { router, folder, place, client, plugin, config } = await start(t);
      client.drop();
      place.put(place.version(1, 'hang'));
      await waitFor('newcomer in its trial', 20_000, async () =>
        (await plugin()).swaps.phase === 'trying' ? true : undefined,
      );
      const record = JSON.parse(readFileSync(join(folder, 'state/plugins.json'), 'utf8')) as {
        readonly processes: readonly { readonly pid: number; readonly socketDirectory: string }[];
      };
      const pids = record.processes.map(({ pid }) => pid);
      assert.equal(pids.length, 2);
      await router.kill();
      place.put(place.version(0));
      const second = await RouterProcess.start(t, { folder, config });
      await waitFor('end of both processes', 5000, async () => (pids.some(isAlive) ? undefined : true));
      await second.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
      assert.equal(readdirSync(join(folder, 'state/plugins')).length, 1);
      assert.equal(await second.stop(), 0);
      assert.deepEqual(readdirSync(join(folder, 'state/plugins')), []);
    },
  );
});

describe('a state_dir on a volume mounted noexec', () => {
  it('the original is run, with a warning, and replaced by its file all the same', LIMIT, async (t) => {
    if (!hasTools(t, ['go', 'unshare', 'mount'])) return;
    const mount = 'mount -t tmpfs -o noexec tmpfs "$1"';
    const within = [tool('unshare'), '--user', '--map-root-user', '--mount', 'sh', '-c'];
    const mayMount = await promisify(execFile)(tool('unshare'), [
      ...within.slice(1),
      mount,
      'sh',
      await scratchFolder(t),
    ]).then(
      () => true,
      () => false,
    );
    if (!lacksNothing(t, mayMount ? [] : ['this machine allows no private mounts'])) return;
    const execute = `mkdir -p state && mount -t tmpfs -o noexec tmpfs state && exec "$@"`;
    const { router, place, sinks, client, plugin } = await start(t, { within: [...within, execute, 'sh'] });
    await waitFor('warning', 10_000, async () => router.output.includes('PLUGIN_NOT_COPIED') || undefined);
    assert.match(await client.send(), /^250 /);
    assert.equal(sinks[0]?.contents.length, 1);
    const { pid = 0 } = await plugin();
    assert.equal(readlinkSync(`/proc/${pid}/exe`), place.path);

    place.put(place.version(1));
    while ((await plugin()).swaps.swapped === 0) assert.match(await client.send(), /^250 /);
    assert.match(await client.send(), /^250 /);
    assert.ok((sinks[1]?.contents.length ?? 0) > 0);
    client.drop();
    assert.equal(await router.stop(), 0);
  });
});

/** A router with three downstreams and version 0 of a plugin; version n chooses the nth downstream. */
async function start(
  t: TestContext,
  { timeout = '10s', within = [] }: { readonly timeout?: string; readonly within?: readonly string[] } = {},
) {
  const folder = await scratchFolder(t);
  const place = await PluginPlace.make(folder);
  place.put(place.version(0));
  const sinks: CapturingSink[] = [];
  for (let count = 0; count < 3; count += 1) sinks.push(await startCapturingSink(t));
  const config = configText({
    sinks: sinks.map(({ port }) => port),
    selector: 'mine',
    plugin: { plugin: './plugin', timeout },
  });
  const router = await RouterProcess.start(t, { folder, config, within });
  await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
  const client = await MailClient.open(`127.0.0.1:${await router.port()}`, ACCOUNT);
  t.after(() => client.drop());
  const plugin = async (): Promise<PluginStatus> => (await router.status()).plugins[0] ?? assert.fail();
  return { router, folder, place, sinks, config, client, plugin };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
