import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { endStrayProcesses } from '../../src/host/stray-processes.ts';

const ON_LINUX = { skip: process.platform !== 'linux' };

async function sleeper(context: TestContext, environment: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 20000)'], {
    detached: true,
    stdio: 'ignore',
    env: environment,
  });
  await once(child, 'spawn');
  context.after(() => child.kill('SIGKILL'));
  return child;
}

test(
  'whoever has the socket directory in its environment is ended, in whichever session',
  ON_LINUX,
  async (context) => {
    const directory = '/nonexistent/gp-aBc123';
    const same = await sleeper(context, { PLUGIN_UNIX_SOCKET_DIR: directory, LAST: '1' });
    const below = await sleeper(context, { TMPDIR: `${directory}/below` });
    const others = await Promise.all(
      [`${directory}4`, `/x${directory}`, '/nonexistent', ''].map((value) =>
        sleeper(context, { TMPDIR: value }),
      ),
    );
    const ends = Promise.all([same, below].map((child) => once(child, 'exit')));
    const ended = await endStrayProcesses(directory);
    assert.deepEqual(new Set(ended), new Set([same.pid, below.pid]));
    assert.deepEqual(await ends, [
      [null, 'SIGKILL'],
      [null, 'SIGKILL'],
    ]);
    for (const other of others) assert.equal(other.signalCode, null);
    assert.deepEqual(await endStrayProcesses(directory), []);
  },
);

test('a path that is no socket directory of ours marks nobody', ON_LINUX, async (context) => {
  const child = await sleeper(context, { HOME: '/nonexistent', WHERE: 'gp-relative' });
  for (const path of ['', '/', '/nonexistent', 'gp-relative']) {
    assert.deepEqual(await endStrayProcesses(path), []);
  }
  assert.equal(child.signalCode, null);
});
