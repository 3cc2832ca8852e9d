import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { PluginError } from '../../src/errors.ts';
import { OrphanRegistry } from '../../src/supervisor/orphan-registry.ts';
import { parseStartTicks, processStartTime } from '../../src/supervisor/process-start-time.ts';
import { temporaryDirectory } from '../fixtures/plugin-fixture.ts';

interface Stage {
  readonly directory: string;
  readonly path: string;
  readonly errors: PluginError[];
  /** A registry on the file, as a host makes one when it starts. */
  readonly open: () => OrphanRegistry;
}

function stage(context: TestContext): Stage {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'plugins.json');
  const errors: PluginError[] = [];
  return {
    directory,
    path,
    errors,
    open: () => new OrphanRegistry({ path, onError: (error) => errors.push(error) }),
  };
}

async function sleeper(
  context: TestContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 20000)'], {
    detached: true,
    stdio: 'ignore',
    env: environment,
  });
  await once(child, 'spawn');
  context.after(() => child.kill('SIGKILL'));
  assert.ok(child.pid !== undefined);
  return Object.assign(child, { pid: child.pid });
}

function socketDirectory(directory: string, name = 'gp-abc'): string {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, 'plugin1'), '');
  return path;
}

test('a process left behind is killed with its group and its socket directory removed', async (context) => {
  const { directory, open, errors } = stage(context);
  const orphan = await sleeper(context);
  const left = socketDirectory(directory);
  await open().add({ pid: orphan.pid, socketDirectory: left });
  const exited = once(orphan, 'exit');
  assert.deepEqual(await open().reap(), [orphan.pid]);
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  assert.equal(existsSync(left), false);
  assert.deepEqual(await open().reap(), []);
  assert.deepEqual(errors, []);
});

test('what a dead plugin left behind in another session is killed', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const { directory, path, open } = stage(context);
  const left = socketDirectory(directory);
  const stray = await sleeper(context, { PLUGIN_UNIX_SOCKET_DIR: left });
  const dead = { pid: 2 ** 22 + 1, startTime: 'this boot:1', socketDirectory: left };
  writeFileSync(path, JSON.stringify({ processes: [dead] }));
  const exited = once(stray, 'exit');
  assert.deepEqual(await open().reap(), [stray.pid]);
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  assert.equal(existsSync(left), false);
});

test('another process that got the number of a dead plugin is left alone', async (context) => {
  const { directory, path, open } = stage(context);
  const stranger = await sleeper(context);
  const left = socketDirectory(directory);
  writeFileSync(
    path,
    JSON.stringify({
      processes: [{ pid: stranger.pid, startTime: 'another boot:1', socketDirectory: left }],
    }),
  );
  assert.deepEqual(await open().reap(), []);
  assert.equal(stranger.exitCode, null);
  assert.equal(stranger.signalCode, null);
  assert.equal(existsSync(left), false);
});

test('nothing but a socket directory of ours is removed, whatever the file says', async (context) => {
  const { directory, path, open } = stage(context);
  const precious = socketDirectory(directory, 'precious');
  symlinkSync(precious, join(directory, 'gp-link'));
  const entry = (socketDirectory: string) => ({ pid: 999_999_999, startTime: 'x', socketDirectory });
  writeFileSync(path, JSON.stringify({ processes: [entry(precious), entry(join(directory, 'gp-link'))] }));
  await open().reap();
  assert.equal(existsSync(join(precious, 'plugin1')), true);
});

test('a process that ended is forgotten, and the file can be read by its owner only', async (context) => {
  const { path, open } = stage(context);
  const registry = open();
  const child = await sleeper(context);
  await registry.add({ pid: child.pid, socketDirectory: '/tmp/gp-z' });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).processes.length, 1);
  await registry.remove(child.pid);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { processes: [] });
});

test('changes at the same time are all written', async (context) => {
  const { path, open } = stage(context);
  const registry = open();
  const pids = Array.from({ length: 20 }, (_, index) => 900_000_000 + index);
  await Promise.all(pids.map((pid) => registry.add({ pid, socketDirectory: '/tmp/gp-z' })));
  await Promise.all(pids.slice(5).map((pid) => registry.remove(pid)));
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).processes.length, 5);
});

for (const content of [
  '',
  '{',
  '[]',
  '{"processes":[{"pid":1,"startTime":"x","socketDirectory":"/"}]}',
  '{"processes":[7]}',
]) {
  test(`a damaged file ${JSON.stringify(content.slice(0, 30))} is reported and replaced`, async (context) => {
    const { path, open, errors } = stage(context);
    writeFileSync(path, content);
    assert.deepEqual(await open().reap(), []);
    assert.deepEqual(
      errors.map((error) => error.code),
      ['PLUGIN_REGISTRY_FAILED'],
    );
    assert.match(errors[0]?.message ?? '', /plugins\.json could not be read/);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { processes: [] });
  });
}

test('a directory that cannot be written is reported and stops nothing', async (context) => {
  const errors: PluginError[] = [];
  const path = join(temporaryDirectory(context), 'missing', 'plugins.json');
  const registry = new OrphanRegistry({ path, onError: (error) => errors.push(error) });
  await registry.add({ pid: process.pid, socketDirectory: '/tmp/gp-z' });
  assert.match(errors[0]?.message ?? '', /could not be written/);
});

test('the start time names a process: stable, distinct, and none for the dead', async (context) => {
  const child = await sleeper(context);
  const own = await processStartTime(process.pid);
  assert.ok(own !== undefined);
  assert.equal(await processStartTime(process.pid), own);
  assert.ok((await processStartTime(child.pid)) !== undefined);
  assert.equal(await processStartTime(999_999_999), undefined);
});

test('a name with brackets and spaces does not disturb the start time, and a zombie has none', () => {
  const rest = Array.from({ length: 40 }, (_, index) => String(index + 4)).join(' ');
  assert.equal(parseStartTicks(`12 (a) b (c)) S ${rest}`), '22');
  assert.equal(parseStartTicks(`12 (sh) Z ${rest}`), undefined);
});
