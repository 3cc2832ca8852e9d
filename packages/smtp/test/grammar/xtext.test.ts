import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeXtext, encodeXtext, isXtext } from '../../src/grammar/xtext.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('xtext is printable ASCII with +XX for the rest (RFC 3461 §4)', () => {
  assert.equal(encodeXtext('a+b=c d'), 'a+2Bb+3Dc+20d');
  for (const text of ['', 'abc', 'a+2Bb', '<>']) assert.equal(isXtext(text), true, text);
  for (const text of ['a b', 'a=b', 'a+', 'a+2', 'a+2b', 'ü', 'a\n']) {
    assert.equal(isXtext(text), false, text);
    assert.equal(decodeXtext(text), undefined, text);
  }
});

test('Any text survives xtext', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeXtext(text);
      assert.equal(isXtext(encoded), true);
      assert.deepEqual(decodeXtext(encoded), new TextEncoder().encode(text));
    }),
    { numRuns: fuzzRuns() },
  );
});
