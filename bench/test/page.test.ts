import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceBetween } from '../harness/page.ts';

test('only what stands between the markers is replaced, again and again', () => {
  const page = 'above\n<!-- a -->\nold\n<!-- /a -->\nbelow\n';
  const once = replaceBetween(page, 'a', 'new');
  assert.equal(once, 'above\n<!-- a -->\nnew\n<!-- /a -->\nbelow\n');
  assert.equal(replaceBetween(once, 'a', 'new'), once);
});

test('a page without the markers is an error', () => {
  assert.throws(() => replaceBetween('text', 'a', 'new'), /no markers <!-- a -->/);
});
