import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findBrokenLinks } from '../docs/links.ts';
import { formatProblem } from '../docs/problem.ts';

describe('links of the documents', () => {
  let root: string;
  const files = {
    'README.md': '# Start here\n\n[flow](docs/flow.md#a-message) [gone](docs/gone.md)\n',
    'docs/flow.md': '# Flow\n\n## A message!\n\n[up](../README.md#start-here) [me](#flow) [no](#nowhere)\n',
    'docs/code.md': '[site](https://example.com/x) [out](../../etc/passwd)\n\n```\n[not](a-link.md)\n```\n',
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'smtp-router-links-'));
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  });

  after(() => rm(root, { recursive: true, force: true }));

  it('must lead to a file of the repository and to a heading in it', async () => {
    const problems = await findBrokenLinks(root, Object.keys(files));
    assert.deepEqual(problems.map(formatProblem), [
      'README.md:3: no such file: docs/gone.md',
      'docs/flow.md:5: no such heading: #nowhere',
      'docs/code.md:1: link leaves the repository: ../../etc/passwd',
    ]);
  });
});
