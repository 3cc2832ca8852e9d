import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { collectRfcMentions, renderRfcCoverage } from '../docs/rfc-coverage.ts';

describe('mentions of RFCs in the source', () => {
  let root: string;
  const files = {
    'packages/smtp/src/server/reader.ts':
      '/**\n * End of data (RFC 5321 §4.1.1.4, §4.5.2), and a mention over a line: RFC\n * 5321 §2.4.\n */\n',
    'packages/smtp/src/client/size.ts': '// RFC 1870\n',
    'packages/smtp/test/server/reader.test.ts': '// RFC 9999 §1\n',
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'smtp-router-rfc-'));
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  });

  after(() => rm(root, { recursive: true, force: true }));

  it('are collected by section, tests left out', async () => {
    const mentions = await collectRfcMentions(root, Object.keys(files));
    assert.deepEqual([...mentions.keys()], [5321, 1870]);
    assert.deepEqual([...(mentions.get(5321)?.keys() ?? [])], ['4.1.1.4', '4.5.2', '2.4']);
    assert.deepEqual([...(mentions.get(1870)?.keys() ?? [])], ['']);
  });

  it('become one table for each RFC, sections in numeric order', async () => {
    const page = renderRfcCoverage(await collectRfcMentions(root, Object.keys(files)));
    const sections = [...page.matchAll(/^\| (§\S+) \|/gm)].map(([, section]) => section);
    assert.deepEqual(sections, ['§2.4', '§4.1.1.4', '§4.5.2']);
    assert.match(page, /\(\.\.\/packages\/smtp\/src\/client\/size\.ts\)/);
  });
});
