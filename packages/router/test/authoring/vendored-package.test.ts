import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { packPackages } from '../../src/authoring/vendored-package.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const directory = new TemporaryDirectory();
after(() => directory.remove());

it('A package becomes a tarball from the folder where it is', async () => {
  const folder = directory.file('one');
  mkdirSync(folder);
  writeFileSync(`${folder}/package.json`, '{ "name": "@mine/one", "version": "1.2.3" }');
  const tarballs = await packPackages(new Map([['@mine/one', folder]]), directory.file('vendor'));
  assert.deepEqual([...tarballs], [['@mine/one', 'mine-one-1.2.3.tgz']]);
  assert.deepEqual(readdirSync(directory.file('vendor')), ['mine-one-1.2.3.tgz']);
});

it('A folder that npm cannot pack is named', async () => {
  const folder = directory.file('none');
  mkdirSync(folder);
  await assert.rejects(packPackages(new Map([['@mine/none', folder]]), directory.file('vendor')), {
    code: 'ROUTER_TOOL_FAILED',
    message: /npm could not pack .*none/,
  });
});
