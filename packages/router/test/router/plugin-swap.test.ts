/** Replacing a plugin of a whole router: by its file, and by command. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { MailSink } from '../support/mail-sink.ts';
import { runCommand } from '../support/run-command.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { TestRouter } from '../support/test-router.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const SELECTOR = pathToFileURL(`${import.meta.dirname}/../../../selector/src/serve/index.ts`).href;

/** A plugin that answers what the expression says; `first` and `last` are downstreams. */
function pluginText(answer: string): string {
  return [
    `import { serveSelector } from '${SELECTOR}';`,
    'await serveSelector({',
    `  select: ({ downstreams: [first, last] }) => { return ${answer}; },`,
    '});',
    '',
  ].join('\n');
}

/** A router with two downstreams and a plugin that can be replaced; `yaml` adds to its entry. */
async function start(answer: string, yaml = '') {
  const sinks = [await MailSink.open(), await MailSink.open()];
  for (const sink of sinks) closers.push(() => sink.close());
  const directory = new TemporaryDirectory();
  closers.push(async () => directory.remove());
  const plugin = directory.file('plugin.mjs');
  const put = (text: string): void => {
    writeFileSync(`${plugin}.new`, text);
    renameSync(`${plugin}.new`, plugin);
  };
  put(pluginText(answer));
  const router = await TestRouter.start({
    sinks,
    selector: 'mine',
    yaml: `selectors: { mine: { plugin: ${JSON.stringify(plugin)}${yaml} } }`,
  });
  closers.push(() => router.stop());
  const taken = () => sinks.map(({ mails }) => mails.length);
  const command = (...args: readonly string[]) =>
    runCommand(['plugin', ...args, '-c', router.directory.file('config.yaml')]);
  return { router, put, taken, command, state: () => router.handle.status().plugins[0] };
}

const ofKind = (kind: RouterEvent['kind']) => (event: RouterEvent) => event.kind === kind;

test('a plugin whose file changes is replaced while mail flows, and none of it waits or fails', async () => {
  const { router, put, taken, state } = await start('first');
  const before = state();
  const client = await router.client();
  assert.match(await client.send(), /^250 /);
  assert.deepEqual(taken(), [1, 0]);
  put(pluginText('last'));
  const swapped = router.until(ofKind('plugin-swapped'));
  let isSwapped = false;
  void swapped.then(() => {
    isSwapped = true;
  });
  let sent = 1;
  for (; !isSwapped; sent += 1) assert.match(await client.send(), /^250 /);
  const event = await swapped;
  assert.ok(event.kind === 'plugin-swapped');
  const atSwap = taken()[1] ?? 0;
  assert.match(await client.send(), /^250 /);
  client.drop();
  assert.deepEqual(taken(), [sent - atSwap, atSwap + 1]);
  const now = state();
  assert.equal(event.from, before?.pid);
  assert.equal(event.pid, now?.pid);
  assert.notEqual(now?.sha256, before?.sha256);
  assert.equal(now?.starts, 1);
  assert.equal(now?.swaps?.swapped, 1);
  assert.ok(!router.events.some((one) => one.kind === 'selection-ended' && one.selection.faultCode));
  assert.ok(router.logLines.some((line) => line.includes('"plugin mine was replaced"')));
});

test('a new version that is of no use changes nothing, and the commands say why', async () => {
  const { router, put, taken, command, state } = await start('first');
  const { pid } = state() ?? assert.fail();
  for (const broken of ['({ id: "nobody" })', '(() => { throw new Error("no rules"); })()']) {
    const failures = router.events.filter(ofKind('plugin-swap-failed')).length;
    put(pluginText(broken));
    await router.until(
      (event) =>
        event.kind === 'plugin-swap-failed' &&
        router.events.filter(ofKind('plugin-swap-failed')).length > failures,
    );
  }
  assert.equal(state()?.pid, pid);
  const client = await router.client();
  assert.match(await client.send(), /^250 /);
  client.drop();
  assert.deepEqual(taken(), [1, 0]);

  const listed = await command('list');
  assert.equal(listed.code, 0);
  assert.match(
    listed.stdout,
    new RegExp(
      `^plugin mine: ready, process ${pid}, since .*, contract \\d+ over netrpc, mutual TLS, sha256 [0-9a-f]{12}, 1 starts, 0 swaps`,
    ),
  );
  assert.match(listed.stdout, /\n {2}not replaced at .*no rules.*\[PLUGIN_PROBE_FAILED\]/);
  const refused = await command('reload', 'mine');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^error: plugin mine was not replaced: .*no rules.*\[PLUGIN_PROBE_FAILED\]\n$/,
  );
  const unknown = await command('reload', 'other');
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, 'error: no plugin "other" is in use; in use are: mine\n'],
  );
});

test('plugin reload replaces a plugin that is not watched, also by the same file', async () => {
  const { router, put, taken, command, state } = await start('first', ', watch: false');
  put(pluginText('last'));
  const reloaded = await command('reload', 'mine');
  assert.equal(reloaded.stderr, '');
  assert.match(reloaded.stdout, /^plugin mine was replaced: process \d+ in place of \d+, after \d+ ms\n$/);
  const client = await router.client();
  assert.match(await client.send(), /^250 /);
  client.drop();
  assert.deepEqual(taken(), [0, 1]);
  const again = await command('reload', 'mine', '--json');
  const result: unknown = JSON.parse(again.stdout);
  assert.deepEqual(Object.keys(result ?? {}), ['kind', 'plugin', 'pid', 'from', 'sha256', 'durationMs']);
  const listed: unknown = JSON.parse((await command('list', '--json')).stdout);
  assert.deepEqual(listed, JSON.parse(JSON.stringify([state()])));
});
