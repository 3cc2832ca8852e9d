import assert from 'node:assert/strict';
import test from 'node:test';
import { RestartSchedule } from '../../src/supervisor/restart-schedule.ts';

const pauses = (random: number, count: number): number[] => {
  const schedule = new RestartSchedule(() => random);
  return Array.from({ length: count }, () => schedule.next(0));
};

test('the first restart is immediate, the next four soon, and from the sixth on a second or more apart', () => {
  assert.deepEqual(pauses(0, 12), [0, 50, 100, 200, 400, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test('jitter spreads the pauses and never brings slow starts closer than a second', () => {
  assert.deepEqual(pauses(0.5, 7), [0, 75, 150, 300, 600, 1250, 2500]);
});

test('a process that ran for half a minute is restarted at once again', () => {
  const schedule = new RestartSchedule(() => 0);
  for (let failure = 0; failure < 10; failure++) schedule.next(29_999);
  assert.equal(schedule.isSlow, true);
  assert.equal(schedule.next(30_000), 0);
  assert.equal(schedule.isSlow, false);
});

test('a failure that cannot mend itself slows down at once', () => {
  const schedule = new RestartSchedule(() => 0);
  assert.equal(schedule.despair(), 1000);
  assert.equal(schedule.isSlow, true);
  assert.equal(schedule.despair(), 2000);
});
