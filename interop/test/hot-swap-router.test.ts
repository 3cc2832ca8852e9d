import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { MailClient } from '../../packages/router/test/support/mail-client.ts';
import { type CapturingSink, startCapturingSink } from './support/capturing-sink.ts';
import { ACCOUNT, configText } from './support/config.ts';
import { goProgram, ROOT } from './support/go-programs.ts';
import { type PluginStatus, RouterProcess } from './support/router-process.ts';
import { scratchFolder, waitFor } from './support/scratch.ts';
import { hasTools, lacksNothing, tool } from './support/tools.ts';
import { PluginPlace } from './support/version-plugin.ts';

const LIMIT = { timeout: 120_000 };

/** Longer than the router takes to take up a file that stands still. */
const UNDISTURBED_MS = 3500;

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

      client.drop();
      assert.equal((await plugin()).starts, 1);
      assert.equal(await router.stop(), 0);
    },
  );

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
  it('the original is run, with a warning, and known by its checksum', LIMIT, async (t) => {
    if (!hasTools(t, ['go', 'unshare', 'mount'])) return;
    const volume = join(await scratchFolder(t), 'volume');
    mkdirSync(volume);
    const program = await goProgram('interop', './cmd/version-plugin');
    const mount = `mount -t tmpfs -o noexec tmpfs "$1"`;
    const mayMount = await inNamespace(`${mount}`, volume).then(
      () => true,
      () => false,
    );
    if (!lacksNothing(t, mayMount ? [] : ['this machine allows no private mounts'])) return;
    const store = join(ROOT, 'packages/go-plugin/src/supervisor/executable-store.ts');
    const script = `
      const { ExecutableStore } = await import(${JSON.stringify(store)});
      const directory = process.argv[1] + '/copies';
      const { copy, sha256, warning } = await new ExecutableStore(directory).prepare(${JSON.stringify(program)});
      console.log(JSON.stringify({ copy, sha256, code: warning?.code }));`;
    const { stdout } = await inNamespace(
      `${mount} && exec "$2" -e "$3" "$1"`,
      volume,
      process.execPath,
      script,
    );
    const prepared: unknown = JSON.parse(stdout);
    const { stdout: sum } = await promisify(execFile)('sha256sum', [program]);
    assert.deepEqual(prepared, { sha256: sum.split(' ')[0], code: 'PLUGIN_NOT_COPIED' });
  });
});

/** A router with three downstreams and version 0 of a plugin; version n chooses the nth downstream. */
async function start(t: TestContext) {
  const folder = await scratchFolder(t);
  const place = await PluginPlace.make(folder);
  place.put(place.version(0));
  const sinks: CapturingSink[] = [];
  for (let count = 0; count < 3; count += 1) sinks.push(await startCapturingSink(t));
  const config = configText({
    sinks: sinks.map(({ port }) => port),
    selector: 'mine',
    plugin: { plugin: './plugin', timeout: '10s' },
  });
  const router = await RouterProcess.start(t, { folder, config });
  await router.pluginWhen('ready', 10_000, ({ state }) => state === 'ready');
  const client = await MailClient.open(`127.0.0.1:${await router.port()}`, ACCOUNT);
  t.after(() => client.drop());
  const plugin = async (): Promise<PluginStatus> => (await router.status()).plugins[0] ?? assert.fail();
  return { router, folder, place, sinks, config, client, plugin };
}

/** Runs a shell command that may mount what nobody else sees. */
function inNamespace(command: string, ...args: readonly string[]) {
  const unshare = tool('unshare');
  const options = ['--user', '--map-root-user', '--mount', 'sh', '-c', command, 'sh', ...args];
  return promisify(execFile)(unshare, options, { timeout: 30_000 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
