import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findHygieneProblems } from '../docs/hygiene.ts';

/** Put together here, so that the check of the real tree does not find this file. */
const folderOf = (person: string) => ['', 'home', person, 'mail'].join('/');
const machineFolder = ['', 'root', 'project'].join('/');
const registry = ['https://registry.npmjs', 'org/yaml'].join('.');

describe('committed files', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'smtp-router-hygiene-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const linesWithProblems = async (text: string | Buffer) => {
    await writeFile(join(root, 'file'), text);
    return (await findHygieneProblems(root, ['file'])).map(({ line }) => line);
  };

  it('must not name a folder of one machine or a registry', async () => {
    const text = `fine\n${folderOf('ann')}/x\nalso fine\ncd ${machineFolder}\n"resolved": "${registry}"\n`;
    assert.deepEqual(await linesWithProblems(text), [2, 4, 5]);
  });

  it('may name places that every system has, relative paths and addresses', async () => {
    const text =
      '/usr/sbin/smtp-sink\n/var/lib/smtp-router\n./home/work\nhttps://example.com/work/x\n~/work\n';
    assert.deepEqual(await linesWithProblems(text), []);
  });

  it('are looked at only when they are text', async () => {
    assert.deepEqual(await linesWithProblems(Buffer.from(`\0${folderOf('ann')}/`)), []);
  });
});
