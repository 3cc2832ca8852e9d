import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineTimer } from '../../src/listener/deadline-timer.ts';
import { TestClock } from '../test-clock.ts';

function setUp() {
  const clock = new TestClock();
  const expiredAt: number[] = [];
  const timer = new DeadlineTimer(clock, () => expiredAt.push(clock.now()));
  return { clock, timer, expiredAt };
}

test('a deadline expires once, at its time', () => {
  const { clock, timer, expiredAt } = setUp();
  timer.moveTo(100);
  clock.advance(99);
  assert.deepEqual(expiredAt, []);
  clock.advance(1_000);
  assert.deepEqual(expiredAt, [100]);
  assert.equal(clock.pending, 0);
});

test('a deadline that only moves later costs one timer for each time it fires', () => {
  const { clock, timer, expiredAt } = setUp();
  for (let step = 0; step < 100; step += 1) {
    timer.moveTo(clock.now() + 100);
    clock.advance(10);
  }
  assert.deepEqual(expiredAt, []);
  assert.ok(clock.scheduled <= 12, `${clock.scheduled} timers`);
  clock.advance(100);
  assert.deepEqual(expiredAt, [1_090]);
});

test('a sooner deadline counts at once', () => {
  const { clock, timer, expiredAt } = setUp();
  timer.moveTo(1_000);
  timer.moveTo(50);
  clock.advance(60);
  assert.deepEqual(expiredAt, [50]);
});

test('infinity means no deadline, until there is one again', () => {
  const { clock, timer, expiredAt } = setUp();
  timer.moveTo(100);
  timer.moveTo(Number.POSITIVE_INFINITY);
  clock.advance(1_000);
  assert.deepEqual(expiredAt, []);
  assert.equal(clock.pending, 0);
  timer.moveTo(1_500);
  clock.advance(500);
  assert.deepEqual(expiredAt, [1_500]);
});

test('a stopped timer leaves nothing behind', () => {
  const { clock, timer, expiredAt } = setUp();
  timer.moveTo(100);
  timer.stop();
  assert.equal(clock.pending, 0);
  clock.advance(1_000);
  assert.deepEqual(expiredAt, []);
});
