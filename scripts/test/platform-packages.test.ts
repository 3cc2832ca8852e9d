import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { completeLockfile, type Lockfile, missingPlatformPackages } from '../lockfile/platform-packages.ts';

describe('packages for other platforms', () => {
  const lockfile: Lockfile = {
    packages: {
      '': {},
      'node_modules/tool': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: {
          'tool-linux-x64': '1.0.0',
          '@t/cli-linux-arm64-musl': '1.0.0',
          helper: '^2.0.0',
        },
      },
      'node_modules/tool-linux-x64': { version: '1.0.0', os: ['linux'], cpu: ['x64'] },
    },
  };

  it('are added with their platform when the lockfile lacks them; other optional packages are npm’s business', () => {
    const expected = {
      version: '1.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    };
    assert.deepEqual(
      [...missingPlatformPackages(lockfile)],
      [['node_modules/@t/cli-linux-arm64-musl', expected]],
    );
    const complete = completeLockfile(lockfile);
    assert.equal(missingPlatformPackages(complete).size, 0);
    assert.deepEqual(Object.keys(complete.packages)[0], '');
  });

  it('are all in the lockfile of this repository, so that npm ci takes it on every machine', async () => {
    const text = await readFile(resolve(import.meta.dirname, '../../package-lock.json'), 'utf8');
    const missing = missingPlatformPackages(JSON.parse(text) as Lockfile);
    assert.deepEqual([...missing.keys()], [], 'run node scripts/complete-lockfile.ts');
  });
});
