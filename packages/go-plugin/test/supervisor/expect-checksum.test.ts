import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { ExecutableStore } from '../../src/supervisor/executable-store.ts';
import { expectChecksum } from '../../src/supervisor/expect-checksum.ts';
import { sha256OfFile } from '../../src/supervisor/file-digest.ts';
import { temporaryDirectory } from '../fixtures/plugin-fixture.ts';

test('a program with the expected checksum is prepared, in any spelling of it', async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'program');
  copyFileSync('/bin/true', path);
  const sha256 = (await sha256OfFile(path)).toUpperCase();
  const store = new ExecutableStore(join(directory, 'copies'));
  const { copy } = await expectChecksum(() => store.prepare(path), { sha256, path })();
  assert.ok(copy !== undefined && existsSync(copy));
});

test('another program is refused with both checksums, and its copy removed', async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'program');
  copyFileSync('/bin/true', path);
  const found = await sha256OfFile(path);
  const copies = join(directory, 'copies');
  const store = new ExecutableStore(copies);
  const expected = { sha256: 'ab'.repeat(32), path };
  await assert.rejects(expectChecksum(() => store.prepare(path), expected)(), {
    code: 'PLUGIN_CHECKSUM_MISMATCH',
    temporary: false,
    message: `${path} has the SHA-256 ${found}; ${expected.sha256} is expected.`,
  });
  assert.deepEqual(readdirSync(copies), []);
});

test('a script counts as it is', async (context) => {
  const path = join(temporaryDirectory(context), 'script.mjs');
  writeFileSync(path, 'one');
  chmodSync(path, 0o600);
  const store = new ExecutableStore('/nonexistent');
  const sha256 = await sha256OfFile(path);
  const prepare = expectChecksum(() => store.prepare(path), { sha256, path });
  assert.equal((await prepare()).copy, undefined);
  writeFileSync(path, 'two, longer');
  await assert.rejects(prepare(), { code: 'PLUGIN_CHECKSUM_MISMATCH' });
});
