import assert from 'node:assert/strict';
import test from 'node:test';
import { SwapLine } from '../../src/supervisor/swap-line.ts';
import type { SwapResult } from '../../src/supervisor/swap-result.ts';

/** Swaps that end when told to. */
function heldSwaps() {
  const forced: boolean[] = [];
  const ends: ((result: SwapResult) => void)[] = [];
  const line = new SwapLine((isForced) => {
    forced.push(isForced);
    return new Promise((resolve) => ends.push(resolve));
  });
  return { line, forced, ends };
}

const swapped = (pid: number): SwapResult => ({ kind: 'swapped', pid, durationMs: 1 });

test('requests made during a swap share one further swap, forced when one of them is', async () => {
  const { line, forced, ends } = heldSwaps();
  const first = line.request(false);
  const others = [line.request(false), line.request(true), line.request(false)];
  assert.deepEqual(forced, [false]);
  ends[0]?.(swapped(1));
  assert.deepEqual(await first, swapped(1));
  ends[1]?.(swapped(2));
  assert.deepEqual(await Promise.all(others), [swapped(2), swapped(2), swapped(2)]);
  assert.deepEqual(forced, [false, true]);
});

test('a request during the further swap is served by a third', async () => {
  const { line, forced, ends } = heldSwaps();
  const first = line.request(false);
  const second = line.request(false);
  ends[0]?.(swapped(1));
  await first;
  const third = line.request(true);
  assert.deepEqual(forced, [false, false]);
  ends[1]?.(swapped(2));
  assert.deepEqual(await second, swapped(2));
  ends[2]?.(swapped(3));
  assert.deepEqual(await third, swapped(3));
});

test('after a swap with nobody waiting the next request swaps at once', async () => {
  const { line, forced, ends } = heldSwaps();
  const first = line.request(true);
  ends[0]?.(swapped(1));
  await first;
  void line.request(false);
  assert.deepEqual(forced, [true, false]);
});
