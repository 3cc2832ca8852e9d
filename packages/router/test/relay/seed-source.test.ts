import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeedSource } from '../../src/relay/seed-source.ts';

test('Looking at the next seed does not take it', () => {
  const numbers = [0, 0.5, 0.25];
  const seeds = new SeedSource(() => numbers.shift() ?? 0.75);
  assert.deepEqual([seeds.peek(), seeds.peek(), seeds.take()], [0, 0, 0]);
  assert.deepEqual([seeds.peek(), seeds.take()], [2 ** 52 - 1, 2 ** 52 - 1]);
});

test('Seeds are integers below 2^53', () => {
  const seeds = new SeedSource(() => 1 - Number.EPSILON / 2);
  assert.ok(Number.isSafeInteger(seeds.take()));
});
