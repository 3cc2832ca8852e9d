import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableText } from '../../src/grammar/printable-text.ts';

test('A foreign text is shown in printable ASCII, 400 characters at most', () => {
  assert.equal(printableText('a\r\nb\0ü\u2028~ '), 'a??b???~ ');
  assert.equal(printableText('x'.repeat(1_000)).length, 400);
  assert.equal(printableText('abc', 2), 'ab');
});
