import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { installPackedForm } from '../../scripts/pack/installed-form.ts';
import { go, ROOT } from './support/go-programs.ts';
import { pythonPackages, requirementsOf } from './support/python-packages.ts';
import { hasTools, lacksNothing, tool } from './support/tools.ts';

const run = promisify(execFile);
const LIMIT = { timeout: 300_000 };

/** The command of a router as installed from tarballs, in a folder outside of the checkout. */
describe('plugin new writes a plugin that builds, and passes check and test, where nothing of ours is published', () => {
  let folder: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smtp-router-new-'));
    ({ program } = await installPackedForm(ROOT, folder));
  }, LIMIT);

  after(() => rm(folder, { recursive: true, force: true }));

  const router = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [program, ...args], { cwd });
    return stdout;
  };

  it('in TypeScript', LIMIT, async () => {
    const said = await router(folder, 'plugin', 'new', '--lang', 'ts', 'in-turn');
    assert.match(
      said,
      /^in-turn is a plugin "in-turn" in TypeScript\. Next:\n {2}cd in-turn\n {2}npm install\n/,
    );
    const place = join(folder, 'in-turn');
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: place });
    await run('npm', ['test'], { cwd: place });
    await passes(place, ['in-turn.ts']);
  });

  it('in Go', LIMIT, async (t) => {
    if (!hasTools(t, ['go'])) return;
    await router(folder, 'plugin', 'new', '--lang', 'go', 'go-turn');
    const place = join(folder, 'go-turn');
    await go(place, 'build', '-o', 'go-turn', '.');
    await go(place, 'vet', './...');
    await go(place, 'test', './...');
    await passes(place, ['./go-turn']);
  });

  it('in Python', LIMIT, async (t) => {
    if (!hasTools(t, ['python3'])) return;
    await router(folder, 'plugin', 'new', '--lang', 'python', 'py-turn');
    const place = join(folder, 'py-turn');
    const set = await requirementsOf('python-example', join(place, 'requirements.txt'));
    const packages = await pythonPackages(set);
    if (packages.kind === 'missing') {
      lacksNothing(t, [packages.why]);
      return;
    }
    const python = tool('python3');
    const env = { ...process.env, PYTHONPATH: packages.folder };
    await run(python, ['-m', 'unittest'], { cwd: place, env });
    await passes(place, ['--env', `PYTHONPATH=${packages.folder}`, '--', python, 'plugin.py']);
  });

  /** Both commands end with 0, or `run` rejects with what they wrote. */
  async function passes(place: string, words: readonly string[]): Promise<void> {
    const checked = await router(place, 'plugin', 'check', ...words);
    assert.match(checked, /\nselect +ok .* first, second \(healthy ones in turn\)/);
    const tested = await router(place, 'plugin', 'test', '--cases', 'cases.yaml', ...words);
    assert.match(tested, /\n5 cases, all as expected\n$/);
  }
});
