import assert from 'node:assert/strict';
import test from 'node:test';
import { negotiateVersion } from '../../src/handshake/negotiate-version.ts';

test('the highest common version wins: host 1, 2, 3 and plugin 2, 3, 4 give 3', () => {
  assert.equal(negotiateVersion([2, 3, 4], [1, 2, 3]), 3);
  assert.equal(negotiateVersion([4, 2, 3], [3, 1, 2]), 3);
});

test('without a common version the lowest own one is served', () => {
  assert.equal(negotiateVersion([1, 2], [9, 8]), 1);
});

test('a host that does not list its versions gets the lowest own one', () => {
  assert.equal(negotiateVersion([3, 2], undefined), 2);
  assert.equal(negotiateVersion([3, 2], []), 2);
});
