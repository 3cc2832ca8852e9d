import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { ExecutableStore } from '../../src/supervisor/executable-store.ts';
import { temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const hasCode = (code: PluginErrorCode) => (error: unknown) =>
  error instanceof PluginError && error.code === code;

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('a native program is copied where only this user looks, and the copy runs whatever becomes of the original', async (context) => {
  const directory = temporaryDirectory(context);
  const program = join(directory, 'true');
  copyFileSync('/bin/true', program);
  const store = new ExecutableStore(join(directory, 'store'));
  const { copy, sha256: checksum, dispose, warning } = await store.prepare(program);
  assert.ok(copy !== undefined);
  assert.equal(warning, undefined);
  assert.equal(checksum, sha256(program));
  assert.equal(statSync(copy).mode & 0o777, 0o500);
  assert.equal(statSync(dirname(copy)).mode & 0o777, 0o700);
  assert.equal(statSync(join(directory, 'store')).mode & 0o777, 0o700);
  writeFileSync(program, 'something else');
  await promisify(execFile)(copy);
  await dispose();
  assert.ok(!existsSync(dirname(copy)));
});

test('a program behind a symbolic link is copied as the program', async (context) => {
  const directory = temporaryDirectory(context);
  const link = join(directory, 'link');
  symlinkSync('/bin/true', link);
  const { copy } = await new ExecutableStore(join(directory, 'store')).prepare(link);
  assert.ok(copy !== undefined && statSync(copy).size === statSync('/bin/true').size);
});

test('a script is not copied, and known by its checksum', async (context) => {
  const directory = temporaryDirectory(context);
  const script = join(directory, 'plugin.py');
  writeFileSync(script, '#!/usr/bin/env python3\nprint("not a plugin yet")\n');
  const { copy, sha256: checksum } = await new ExecutableStore(join(directory, 'store')).prepare(script);
  assert.equal(copy, undefined);
  assert.equal(checksum, sha256(script));
});

test('a program that is missing or may not be executed is refused', async (context) => {
  const directory = temporaryDirectory(context);
  const store = new ExecutableStore(join(directory, 'store'));
  const program = join(directory, 'plugin');
  await assert.rejects(store.prepare(program), hasCode('PLUGIN_FILE_NOT_FOUND'));
  copyFileSync('/bin/true', program);
  chmodSync(program, 0o644);
  await assert.rejects(store.prepare(program), hasCode('PLUGIN_FILE_NOT_EXECUTABLE'));
});

test('where no copy can be made the original is run, with a warning', async (context) => {
  const directory = temporaryDirectory(context);
  const program = join(directory, 'true');
  copyFileSync('/bin/true', program);
  const notADirectory = join(directory, 'file');
  writeFileSync(notADirectory, '');
  const { copy, sha256: checksum, warning } = await new ExecutableStore(notADirectory).prepare(program);
  assert.equal(copy, undefined);
  assert.equal(checksum, sha256(program));
  assert.equal(warning?.code, 'PLUGIN_NOT_COPIED');
});

test('sweeping removes what an earlier host left', async (context) => {
  const directory = temporaryDirectory(context);
  const store = new ExecutableStore(join(directory, 'store'));
  const { copy } = await store.prepare('/bin/true');
  assert.ok(copy !== undefined);
  await store.sweep();
  assert.ok(!existsSync(copy));
  assert.ok((await store.prepare('/bin/true')).copy !== undefined);
});

test('several files have one checksum, which every one of them changes', async (context) => {
  const directory = temporaryDirectory(context);
  const files = [join(directory, 'plugin.py'), join(directory, 'rules.py')];
  for (const file of files) writeFileSync(file, 'a');
  const store = new ExecutableStore(join(directory, 'store'));
  const known = new Set([(await store.prepareFiles(files)).sha256]);
  for (const file of files) {
    writeFileSync(file, 'b');
    known.add((await store.prepareFiles(files)).sha256);
  }
  assert.equal(known.size, 3);
  assert.equal((await store.prepareFiles([])).sha256, undefined);
  assert.equal((await store.prepareFiles([join(directory, 'missing')])).sha256, undefined);
});
