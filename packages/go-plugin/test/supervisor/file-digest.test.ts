import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { FileDigests } from '../../src/supervisor/file-digest.ts';
import { temporaryDirectory } from '../fixtures/plugin-fixture.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** To this clock every file has stood for an hour. */
const later = { wallTime: () => Date.now() + 3_600_000 };

test('a file that was written, exchanged or reached by another link has another checksum, however long it stood', async (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'file');
  const other = join(directory, 'other');
  const digests = new FileDigests(later);
  writeFileSync(path, 'one');
  assert.equal(await digests.ofFile(path), sha256('one'));
  assert.equal(await digests.ofFile(path), sha256('one'));
  writeFileSync(path, 'longer');
  assert.equal(await digests.ofFile(path), sha256('longer'));
  writeFileSync(other, 'others');
  utimesSync(other, 1, 1);
  renameSync(other, path);
  assert.equal(await digests.ofFile(path), sha256('others'));
  writeFileSync(other, 'linked');
  rmSync(path);
  symlinkSync(other, path);
  assert.equal(await digests.ofFile(path), sha256('linked'));
  rmSync(other);
  await assert.rejects(digests.ofFile(path), { code: 'ENOENT' });
});

test('a file that was just written is read again, because it may change without looking changed', async (context) => {
  const path = join(temporaryDirectory(context), 'file');
  const digests = new FileDigests();
  for (let round = 0; round < 200; round += 1) {
    const text = String(round % 10);
    writeFileSync(path, text);
    assert.equal(await digests.ofFile(path), sha256(text));
  }
});
