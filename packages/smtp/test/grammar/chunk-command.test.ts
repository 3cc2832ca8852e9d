import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatChunkCommand, parseChunkCommand } from '../../src/grammar/chunk-command.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('BDAT takes a size in digits, and LAST in any case (RFC 3030 §2)', () => {
  assert.deepEqual(parseChunkCommand('4711'), { sizeBytes: 4711, isLast: false });
  assert.deepEqual(parseChunkCommand('0 LAST'), { sizeBytes: 0, isLast: true });
  assert.deepEqual(parseChunkCommand('007  last'), { sizeBytes: 7, isLast: true });
});

test('BDAT abuse: whatever is no size in digits is no chunk', () => {
  const wrong = [
    '',
    'LAST',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '5LAST',
    '5 LAST LAST',
    '5 6',
    '٣',
    ' 5',
    '5 ',
  ];
  for (const text of wrong) assert.equal(parseChunkCommand(text), undefined, text);
});

test('A size that cannot be counted exactly is none', () => {
  assert.equal(parseChunkCommand('9007199254740991')?.sizeBytes, Number.MAX_SAFE_INTEGER);
  assert.equal(parseChunkCommand('9007199254740992'), undefined);
  assert.equal(parseChunkCommand('1'.repeat(400)), undefined);
});

test('What is formatted is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.boolean(), (sizeBytes, isLast) => {
      const text = formatChunkCommand({ sizeBytes, isLast });
      assert.deepEqual(parseChunkCommand(text.replace('BDAT ', '')), { sizeBytes, isLast });
    }),
    { numRuns: fuzzRuns() },
  );
});
