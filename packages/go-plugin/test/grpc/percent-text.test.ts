import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePercentText, encodePercentText } from '../../src/grpc/percent-text.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

test('printable ASCII stays as it is, everything else is escaped byte by byte', () => {
  assert.equal(encodePercentText('no way: 100 %\nü'), 'no way: 100 %25%0A%C3%BC');
  assert.equal(decodePercentText('no way: 100 %25%0A%c3%bc'), 'no way: 100 %\nü');
});

test('what is no escape stands for itself', () => {
  for (const text of ['%', '%4', '%zz', '100%', '%%']) assert.equal(decodePercentText(text), text);
  assert.equal(decodePercentText('%ff'), '\ufffd');
});

test('a text comes back as it was, as far as it was sent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const sane = text.toWellFormed();
      assert.equal(decodePercentText(encodePercentText(sane)), sane);
      assert.match(encodePercentText(text), /^[ -~]*$/);
    }),
    { numRuns: fuzzRuns(300) },
  );
  assert.equal(encodePercentText('x'.repeat(10_000)).length, 4096);
});
