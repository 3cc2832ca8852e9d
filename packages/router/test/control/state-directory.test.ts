import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { StateDirectory } from '../../src/control/state-directory.ts';
import { RouterError } from '../../src/errors.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const codeIs = (code: string) => (error: unknown) => error instanceof RouterError && error.code === code;

/** Lines of a lock as another process would have written it. */
function lockOf(pid: number, startTicks = ''): string {
  return `${JSON.stringify({ pid, startTicks, key: 'other' })}\n`;
}

test('the directory is made for the owner alone and holds a lock until release', async () => {
  const path = join(root, 'a/state');
  const state = await StateDirectory.hold(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(path, 'router.lock')).mode & 0o777, 0o600);
  state.release();
  assert.equal(existsSync(join(path, 'router.lock')), false);
  (await StateDirectory.hold(path)).release();
});

test('a lock of a living process is respected', async () => {
  writeFileSync(join(root, 'router.lock'), lockOf(process.ppid));
  await assert.rejects(StateDirectory.hold(root), codeIs('ROUTER_ALREADY_RUNNING'));
});

test('a lock of a process that is gone is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(root, 'router.lock'), lockOf(pid));
  (await StateDirectory.hold(root)).release();
});

test('a lock whose process number belongs to another process by now is taken over', {
  skip: !existsSync('/proc/self/stat') && 'no /proc here',
}, async () => {
  writeFileSync(join(root, 'router.lock'), lockOf(process.ppid, '1'));
  (await StateDirectory.hold(root)).release();
});

test('a lock cut off by a full disk is taken over', async () => {
  writeFileSync(join(root, 'router.lock'), '{"pid":');
  (await StateDirectory.hold(root)).release();
});

test('whoever answers on the control socket is a running router, whatever the lock says', async () => {
  writeFileSync(join(root, 'router.lock'), '');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(join(root, 'control.sock'), resolve));
  try {
    await assert.rejects(StateDirectory.hold(root), codeIs('ROUTER_ALREADY_RUNNING'));
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('of many starts at once over a stale lock exactly one wins', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(root, 'router.lock'), lockOf(pid));
  const holder = new URL('./fixtures/hold-state.ts', import.meta.url);
  const { spawn } = await import('node:child_process');
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [holder.pathname, root], { stdio: ['pipe', 'pipe', 'ignore'] }),
  );
  const words = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => {
          child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
        }),
    ),
  );
  const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.stdin.end();
  await Promise.all(ended);
  assert.deepEqual(words.toSorted(), [
    'ROUTER_ALREADY_RUNNING',
    'ROUTER_ALREADY_RUNNING',
    'ROUTER_ALREADY_RUNNING',
    'held',
  ]);
});

test('release leaves a lock alone that another router has taken over', async () => {
  const state = await StateDirectory.hold(root);
  writeFileSync(join(root, 'router.lock'), lockOf(process.ppid));
  state.release();
  assert.equal(existsSync(join(root, 'router.lock')), true);
});

test('a path that cannot be a directory is named with its reason', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(StateDirectory.hold(join(root, 'file/state')), (error: unknown) => {
    assert.ok(codeIs('ROUTER_STATE_DIR_UNUSABLE')(error));
    assert.match(String(error), /file\/state cannot be used as state_dir \(ENOTDIR\)/);
    return true;
  });
});

test('a directory that may not be written is named', {
  skip: process.getuid?.() === 0 && 'root may write everywhere',
}, async () => {
  chmodSync(root, 0o500);
  await assert.rejects(StateDirectory.hold(root), codeIs('ROUTER_STATE_DIR_UNUSABLE'));
});
