import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { SecretFileResult } from '../../src/config/secret-file.ts';
import { SECRET_LOOK_MS, SecretWatch } from '../../src/config/secret-watch.ts';
import { TemporaryDirectory } from '../support/temporary-directory.ts';
import { TestClock } from '../test-clock.ts';

async function withWatch(
  run: (rig: {
    readonly file: string;
    readonly directory: TemporaryDirectory;
    readonly look: () => Promise<readonly SecretFileResult[]>;
    readonly watch: SecretWatch;
    readonly clock: TestClock;
  }) => Promise<void>,
): Promise<void> {
  const directory = new TemporaryDirectory();
  const file = directory.file('secret');
  writeFileSync(file, 'first\n');
  const clock = new TestClock();
  let told: SecretFileResult[] = [];
  const watch = new SecretWatch({
    files: new Map([[file, 'first']]),
    clock,
    onChange: (_, result) => told.push(result),
  });
  /** What is told after a change stood still for a look. */
  const look = async () => {
    await watch.look();
    await watch.look();
    const results = told;
    told = [];
    return results;
  };
  try {
    await run({ file, directory, look, watch, clock });
  } finally {
    watch.close();
    directory.remove();
  }
}

describe('SecretWatch', () => {
  test('says nothing of a file that did not change, or was written again with the same', async () => {
    await withWatch(async ({ file, look }) => {
      assert.deepEqual(await look(), []);
      writeFileSync(file, 'first');
      assert.deepEqual(await look(), []);
    });
  });

  test('tells a new secret once, also when it came before the first look', async () => {
    await withWatch(async ({ file, look }) => {
      writeFileSync(file, 'second\r\n');
      assert.deepEqual(await look(), [{ kind: 'ok', secret: 'second' }]);
      assert.deepEqual(await look(), []);
    });
  });

  test('does not read a file that changes from look to look', async () => {
    await withWatch(async ({ file, look, watch }) => {
      for (const half of ['s', 'se', 'sec']) {
        writeFileSync(file, half);
        await watch.look();
      }
      writeFileSync(file, 'second');
      assert.deepEqual(await look(), [{ kind: 'ok', secret: 'second' }]);
    });
  });

  test('follows an exchanged file and an exchanged link', async () => {
    await withWatch(async ({ file, directory, look }) => {
      writeFileSync(directory.file('next'), 'second');
      renameSync(directory.file('next'), file);
      assert.deepEqual(await look(), [{ kind: 'ok', secret: 'second' }]);
      writeFileSync(directory.file('third'), 'third');
      symlinkSync(directory.file('third'), directory.file('link'));
      renameSync(directory.file('link'), file);
      assert.deepEqual(await look(), [{ kind: 'ok', secret: 'third' }]);
    });
  });

  test('tells once what cannot be used, and the next good secret', async () => {
    await withWatch(async ({ file, look }) => {
      rmSync(file);
      assert.deepEqual(await look(), [{ kind: 'bad', message: `${file} cannot be read (ENOENT)` }]);
      assert.deepEqual(await look(), []);
      writeFileSync(file, 'two\nlines');
      assert.deepEqual(await look(), [
        { kind: 'bad', message: `${file} must hold one line with the password` },
      ]);
      writeFileSync(file, 'first');
      assert.deepEqual(await look(), []);
      writeFileSync(file, 'second');
      assert.deepEqual(await look(), [{ kind: 'ok', secret: 'second' }]);
    });
  });

  test('looks by itself while open, and has no timer otherwise', async () => {
    await withWatch(async ({ watch, clock }) => {
      assert.equal(clock.pending, 0);
      watch.open();
      assert.equal(clock.pending, 1);
      clock.advance(SECRET_LOOK_MS);
      while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
      watch.close();
      assert.equal(clock.pending, 0);
    });
    const idle = new TestClock();
    new SecretWatch({ files: new Map(), clock: idle, onChange: () => {} }).open();
    assert.equal(idle.pending, 0);
  });
});
