import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, spreadInside, spreadOf } from '../harness/ratios.ts';

interface Figure {
  readonly peer: string;
  readonly rate: number;
}

const PASSES: readonly (readonly Figure[])[] = [
  [row('ours', 100), row('theirs', 50)],
  [row('ours', 30), row('theirs', 10)],
  [row('ours', 900)],
];

test('the median of an even count is the mean of the two in the middle', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 3]), 3);
  assert.ok(Number.isNaN(median([])));
});

test('ratios are taken inside passes, and a pass without the other peer has none', () => {
  const ratio = spreadInside(PASSES, 'ours', 'theirs', (ours, theirs) => ours.rate / theirs.rate);
  assert.deepEqual(ratio, { median: 2.5, min: 2, max: 3, count: 2 });
});

test('a ratio to nothing is left out', () => {
  const passes = [[row('ours', 1), row('theirs', 0)]];
  assert.equal(spreadInside(passes, 'ours', 'theirs', (a, b) => a.rate / b.rate).count, 0);
});

test('the spread of one peer takes all its passes', () => {
  assert.deepEqual(
    spreadOf(PASSES, 'ours', (figure) => figure.rate),
    {
      median: 100,
      min: 30,
      max: 900,
      count: 3,
    },
  );
});

function row(peer: string, rate: number): Figure {
  return { peer, rate };
}
