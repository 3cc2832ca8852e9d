import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { printable } from '../src/printable.ts';

test('control characters, line ends and direction marks become spaces', () => {
  assert.equal(printable('a\r\nb\u001b[31m\u2028c\u202ed'), 'a b [31m c d');
});

test('long text is cut with an ellipsis', () => {
  assert.equal(printable('x'.repeat(10), 4), 'xxxx…');
});

test('any text gives one bounded line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const shown = printable(text, 50);
      assert.ok(shown.length <= 51);
      assert.doesNotMatch(shown, /[\p{Cc}\u2028\u2029]/u);
    }),
  );
});
