import assert from 'node:assert/strict';
import { chmodSync, closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { refusal } from '../../fixtures/failed-start.ts';
import { fixtureLaunch, leftovers, temporaryDirectory, tenfold } from '../../fixtures/plugin-fixture.ts';

test('a missing file is refused with its path before anything is left behind', async (context) => {
  const given = fixtureLaunch(context, 'silent');
  const error = await refusal({ ...given, command: '/nonexistent/my-plugin' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(
    error.message,
    /^\/nonexistent\/my-plugin does not exist; correct the path or build the plugin\.$/,
  );
  assert.deepEqual(leftovers(given), []);
});

test('a name that is not in PATH is refused', async (context) => {
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: 'no-such-program-here' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /not in PATH/);
});

test('a missing working directory is told apart from a missing file', async (context) => {
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), workingDirectory: '/nonexistent' });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /working directory \/nonexistent/);
});

test('a missing interpreter is told apart from a missing file', async (context) => {
  const script = join(temporaryDirectory(context), 'plugin');
  writeFileSync(script, '#!/nonexistent/interpreter\n', { mode: 0o755 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: script });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_FOUND');
  assert.match(error.message, /interpreter/);
});

test('a file without execute permission is refused with what to do', async (context) => {
  const script = join(temporaryDirectory(context), 'plugin');
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: script });
  assert.equal(error.code, 'PLUGIN_FILE_NOT_EXECUTABLE');
  assert.match(error.message, /chmod \+x/);
});

test('a program for another processor is named as such', async (context) => {
  const file = join(temporaryDirectory(context), 'plugin');
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(process.arch === 'arm64' ? 0x3e : 0xb7, 18);
  writeFileSync(file, head, { mode: 0o755 });
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: file });
  assert.match(error.message, /this machine/);
});

test('a file that is still being written is tried again', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const program = join(temporaryDirectory(context), 'plugin');
  copyFileSync('/bin/sh', program);
  chmodSync(program, 0o755);
  const writer = openSync(program, 'r+');
  const given = fixtureLaunch(context, 'silent');
  const started = refusal({ ...given, command: program, args: ['-c', 'echo late >&2; exit 7'] });
  setTimeout(() => closeSync(writer), 50);
  const error = await started;
  assert.equal(error.code, 'PLUGIN_EXITED_EARLY');
});

test('a file that stays open for writing is refused in the end', {
  skip: process.platform !== 'linux',
}, async (context) => {
  const program = join(temporaryDirectory(context), 'plugin');
  copyFileSync('/bin/sh', program);
  chmodSync(program, 0o755);
  const writer = openSync(program, 'r+');
  context.after(() => closeSync(writer));
  const error = await refusal({ ...fixtureLaunch(context, 'silent'), command: program, clock: tenfold });
  assert.equal(error.code, 'PLUGIN_FILE_BUSY');
});
