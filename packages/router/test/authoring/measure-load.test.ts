import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureLoad, medianOf } from '../../src/authoring/measure-load.ts';
import { TestClock } from '../test-clock.ts';

test('so many calls are under way at a time, for that long', async () => {
  const clock = new TestClock();
  let underWay = 0;
  let most = 0;
  const report = await measureLoad({
    call: async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      clock.advance(10);
      underWay -= 1;
    },
    inFlight: 4,
    durationMs: 400,
    clock,
  });
  assert.equal(most, 4);
  assert.ok(report.calls >= 40 && report.calls <= 44, `${report.calls}`);
  assert.equal(report.failed, 0);
  assert.ok(report.callsPerSecond >= 90 && report.callsPerSecond <= 110, `${report.callsPerSecond}`);
});

test('calls that fail are counted apart, and an abort ends it', async () => {
  const abort = new AbortController();
  let calls = 0;
  const report = await measureLoad({
    call: async () => {
      calls += 1;
      if (calls === 3) abort.abort();
      throw new Error('no');
    },
    inFlight: 1,
    durationMs: 60_000,
    signal: abort.signal,
  });
  assert.deepEqual([report.calls, report.failed, report.p99Ms], [0, 3, 0]);
});

test('the median is one of the values', () => {
  assert.equal(medianOf([9, 1, 5]), 5);
  assert.equal(medianOf([]), 0);
});
