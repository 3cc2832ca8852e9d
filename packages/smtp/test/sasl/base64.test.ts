import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../src/sasl/base64.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('Bytes survive base64, in the form others write (RFC 4648 §4)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString('base64'));
      assert.deepEqual(decodeBase64(text), bytes);
    }),
    { numRuns: fuzzRuns() },
  );
});

for (const text of [
  'A',
  'AA',
  'AAA',
  'AAAAA',
  'AA=A',
  '=AAA',
  'A===',
  '====',
  'AB==',
  'AAB=',
  'AA==AA==',
  'A A=',
  'AAA-',
  'AAA_',
  'AA\n=',
  'ÄAAA',
]) {
  test(`${JSON.stringify(text)} is no canonical base64`, () => {
    assert.equal(decodeBase64(text), undefined);
  });
}

test('Whatever decodes encodes to the same text: there is one form only', () => {
  const text = fc.string({ unit: fc.constantFrom('A', 'B', 'Q', 'g', '/', '=', ' '), maxLength: 8 });
  fc.assert(
    fc.property(text, (candidate) => {
      const bytes = decodeBase64(candidate);
      if (bytes !== undefined) assert.equal(encodeBase64(bytes), candidate);
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
