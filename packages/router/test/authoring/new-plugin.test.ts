import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCaseFile } from '../../src/authoring/case-file.ts';
import { newPlugin } from '../../src/authoring/new-plugin.ts';
import { isWanted, TEMPLATES } from '../../src/authoring/template.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';

const directory = new TemporaryDirectory();
after(() => directory.remove());

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

/** Building and running them is for the interop tests. */
describe('a new plugin', () => {
  it('in Go has its SDK beside it and bears its own name', async () => {
    const folder = directory.file('cheapest');
    assert.equal(await newPlugin({ language: 'go', folder }), 'cheapest');
    assert.deepEqual(filesOf(folder), [
      '.gitignore',
      'README.md',
      'cases.yaml',
      'go.mod',
      'go.sum',
      'main.go',
      'sdk',
      'strategy.go',
      'strategy_test.go',
    ]);
    const manifest = readFileSync(join(folder, 'go.mod'), 'utf8');
    assert.match(manifest, /^module cheapest\n/);
    assert.match(manifest, /\nreplace github\.com\/smtp-router\/smtp-router\/sdk\/go => \.\/sdk\n$/);
    assert.ok(!filesOf(join(folder, 'sdk/selector')).some((name) => name.endsWith('_test.go')));
    for (const file of ['README.md', 'main.go', 'strategy.go', '.gitignore']) {
      assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /my-selector/, file);
    }
  });

  it('in Python has its stubs beside it', async () => {
    const folder = directory.file('nested/in-turn');
    assert.equal(await newPlugin({ language: 'python', folder, name: 'turns' }), 'turns');
    assert.ok(filesOf(folder).includes('smtp_router_plugin.py'));
    assert.ok(filesOf(join(folder, 'smtp_router/selector/v2')).includes('selector_pb2.py'));
    assert.match(readFileSync(join(folder, 'plugin.py'), 'utf8'), /name = "turns"/);
  });

  it('has cases that are sound', () => {
    const file = new URL('../../templates/every/cases.yaml', import.meta.url);
    assert.ok('document' in readCaseFile(file.pathname));
  });

  it('overwrites nothing', async () => {
    const folder = directory.file('full');
    mkdirSync(folder);
    writeFileSync(join(folder, 'mine.txt'), '');
    await assert.rejects(newPlugin({ language: 'go', folder }), { code: 'ROUTER_FOLDER_UNUSABLE' });
    assert.deepEqual(filesOf(folder), ['mine.txt']);
  });

  it('needs a name that is a file, a package and a module', async () => {
    const folder = directory.file('9 lives');
    await assert.rejects(newPlugin({ language: 'go', folder }), { code: 'ROUTER_NAME_UNUSABLE' });
    assert.ok(!filesOf(directory.path).includes('9 lives'));
  });
});

describe('templates', () => {
  it('name the commands that follow', () => {
    for (const { next } of Object.values(TEMPLATES)) {
      assert.ok(next('mine').some((command) => command.startsWith('smtp-router plugin check ')));
    }
  });

  it('leave out tests of the SDK and what tools leave behind', () => {
    assert.deepEqual(
      ['a/serve.go', 'a/serve_test.go', 'a/__pycache__', 'a/internal', 'a/x.pyc', 'plugin.py'].map(isWanted),
      [true, false, false, false, false, true],
    );
  });
});
