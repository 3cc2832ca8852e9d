import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatCounts, sumCounts, type TestCounts } from '../matrix/test-counts.ts';
import { tryTool } from '../process/run-tool.ts';

const RUNNER = resolve(import.meta.dirname, '../matrix/run-tests.ts');

const SUITE = `import { describe, it } from 'node:test';
describe('a suite is no test', () => {
  it('passes', () => {});
  it('passes too', () => {});
  it('fails', () => { throw new Error('on purpose'); });
  it('is skipped', (t) => t.skip('not installed: swaks'));
});
`;

describe('the test matrix', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smtp-router-suite-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = async (name: string, source: string) => {
    await writeFile(join(folder, name), source);
    const counts = join(folder, `${name}.json`);
    const args = ['--disable-warning=ExperimentalWarning', RUNNER, counts, '1', name];
    // A test runner inside of a test runner would report to the outer one.
    const env = { NODE_TEST_CONTEXT: undefined };
    const { status, stdout } = await tryTool(process.execPath, args, { cwd: folder, env });
    return { status, stdout, counts: JSON.parse(await readFile(counts, 'utf8')) as TestCounts };
  };

  it('counts tests, not suites, and names what was skipped and why', async () => {
    const { status, stdout, counts } = await run('mixed.test.mjs', SUITE);
    assert.equal(status, 1);
    assert.match(stdout, /on purpose/);
    const skips = ['is skipped: not installed: swaks'];
    assert.deepEqual(counts, { passed: 2, failed: 1, skipped: 1, skips });
  });

  it('counts a file that does not load as a failure', async () => {
    const { status, counts } = await run('broken.test.mjs', "import 'nowhere';\n");
    assert.equal(status, 1);
    assert.equal(counts.failed, 1);
  });

  it('closes with one line over all runs', () => {
    const one = { passed: 2, failed: 0, skipped: 1, skips: ['a: b'] };
    assert.equal(formatCounts(sumCounts([one, one])), '4 passed, 0 failed, 2 skipped');
  });
});
