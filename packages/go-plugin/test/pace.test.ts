import assert from 'node:assert/strict';
import test from 'node:test';
import { Pace } from '../src/pace.ts';

test('a burst is free, what goes beyond it waits, and time pays it off', () => {
  const pace = new Pace({ perSecond: 1000, burst: 100 });
  assert.equal(pace.spend(60, 0), 0);
  assert.equal(pace.spend(40, 0), 0);
  assert.equal(pace.spend(25, 0), 25);
  assert.equal(pace.debt(50), 75);
  assert.equal(pace.spend(50, 100), 0);
  assert.equal(pace.debt(10_000), 0);
  assert.equal(pace.spend(150, 10_000), 50);
});

test('what is forgiven need not be paid off', () => {
  const pace = new Pace({ perSecond: 1000, burst: 100 });
  assert.equal(pace.spend(5000, 0), 4900);
  pace.forgive();
  assert.equal(pace.debt(0), 100);
  assert.equal(pace.spend(1, 1), 0);
});
