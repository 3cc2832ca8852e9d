import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearestName, suggestName } from '../../src/config/nearest-name.ts';

const KNOWN = ['hostname', 'listen', 'limits', 'users', 'user'];

test('one slip of the finger is understood', () => {
  for (const [word, meant] of [
    ['hostnam', 'hostname'],
    ['hsotname', 'hostname'],
    ['Listen', 'listen'],
    ['limit', 'limits'],
    ['usr', 'user'],
  ] as const) {
    assert.equal(nearestName(word, KNOWN), meant, word);
  }
});

test('a word near to nothing gets the list', () => {
  assert.equal(nearestName('zzzzzzzz', KNOWN), undefined);
  assert.equal(suggestName('zz', ['a', 'b']), 'known are a, b');
  assert.equal(suggestName('zz', []), 'there are none');
});

test('a known word is its own nearest, whatever else is known', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1 }), (words) => {
      const [word = ''] = words;
      assert.equal(nearestName(word, words)?.toLowerCase(), word.toLowerCase());
    }),
  );
});
