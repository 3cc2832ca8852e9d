import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { distManifest } from '../pack/dist-manifest.ts';

describe('the manifest of the packed form', () => {
  const source = {
    name: 'smtp-router',
    version: '1.2.3',
    private: true,
    type: 'module',
    bin: { 'smtp-router': 'bin/smtp-router.js' },
    exports: { '.': './src/router.ts', './schema': './schema.json' },
    imports: { '#page': './src/page/index.ts' },
    dependencies: { '@smtp-router/smtp': '^1.0.0', yaml: '2.9.1' },
    devDependencies: { typescript: '7.0.2' },
    scripts: { test: 'node --test' },
  };
  const packed = distManifest(source, { siblingVersions: new Map([['@smtp-router/smtp', '1.2.3']]) });

  it('names compiled files with their types in exports and imports, other files as they are', () => {
    assert.deepEqual(packed['exports'], {
      '.': { types: './src/router.d.ts', default: './src/router.js' },
      './schema': './schema.json',
      './package.json': './package.json',
    });
    assert.deepEqual(packed['imports'], {
      '#page': { types: './src/page/index.d.ts', default: './src/page/index.js' },
    });
  });

  it('pins siblings to the version packed with it and leaves third parties alone', () => {
    assert.deepEqual(packed['dependencies'], { '@smtp-router/smtp': '1.2.3', yaml: '2.9.1' });
  });

  it('drops what only the source tree needs and lists what is packed', () => {
    for (const field of ['devDependencies', 'scripts', 'private']) assert.ok(!(field in packed), field);
    assert.deepEqual(packed['files'], ['src', 'bin']);
    assert.equal(packed['type'], 'module');
  });

  it('packs the folders proto and templates where there are any', () => {
    const exports = { '.': './src/index.ts', './a.proto': './proto/a.proto' };
    const siblingVersions = new Map<string, string>();
    const { files } = distManifest({ ...source, exports }, { siblingVersions, hasTemplates: true });
    assert.deepEqual(files, ['src', 'bin', 'proto', 'templates']);
  });
});
