import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readRegistry, writeRegistry } from '../../src/supervisor/registry-file.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'registry-'));
const file = join(folder, 'plugins.json');
after(() => rmSync(folder, { recursive: true }));

test('entries are read as they were written, and there are none without a file', async () => {
  assert.deepEqual(await readRegistry(join(folder, 'missing')), []);
  const entries = [{ pid: 4711, startTime: '99', socketDirectory: '/tmp/x' }];
  await writeRegistry(file, entries);
  assert.deepEqual(await readRegistry(file), entries);
});

test('any content of the file is processes with a possible pid, or an error', async () => {
  const pid = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.double(), fc.string(), fc.constant(null));
  const entry = fc.record(
    { pid, startTime: fc.oneof(fc.string(), fc.nat()), socketDirectory: fc.string() },
    { requiredKeys: [] },
  );
  const content = fc.oneof(
    fc.array(entry, { maxLength: 3 }).map((processes) => JSON.stringify({ processes })),
    fc.json(),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(content, async (text) => {
      writeFileSync(file, text);
      const entries = await readRegistry(file).catch((error: unknown) => error);
      if (entries instanceof Error) return;
      assert.ok(Array.isArray(entries));
      for (const { pid: found } of entries) assert.ok(Number.isSafeInteger(found) && found > 1);
    }),
    { numRuns: Math.min(fuzzRuns(100), 5_000) },
  );
});
