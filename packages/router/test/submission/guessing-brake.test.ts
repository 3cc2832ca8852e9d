import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureMemory } from '../../src/submission/failure-memory.ts';
import { GuessingBrake } from '../../src/submission/guessing-brake.ts';
import { TestClock } from '../test-clock.ts';

const NAME = 'app@example.com';

test('each failure is told twice as late as the one before, up to ten seconds', () => {
  const brake = new GuessingBrake(new TestClock());
  const delays = Array.from({ length: 8 }, () => brake.failed('192.0.2.1', NAME));
  assert.deepEqual(delays, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('a name is counted over all addresses, an address over all names', () => {
  const brake = new GuessingBrake(new TestClock());
  brake.failed('192.0.2.1', NAME);
  brake.failed('192.0.2.2', NAME.toUpperCase());
  assert.equal(brake.failed('192.0.2.3', NAME), 1_000);
  assert.equal(brake.failed('192.0.2.3', 'other@example.com'), 500);
  assert.equal(brake.failed('192.0.2.4', 'third@example.com'), 250);
});

test('all addresses of an IPv6 network are one client', () => {
  const brake = new GuessingBrake(new TestClock());
  brake.failed('2001:db8:1:2::1', 'a@x');
  assert.equal(brake.failed('2001:db8:1:2:ffff::9', 'b@x'), 500);
  assert.equal(brake.failed('2001:db8:1:3::1', 'c@x'), 250);
});

test('failures are forgotten a quarter of an hour after the last one', () => {
  const clock = new TestClock();
  const brake = new GuessingBrake(clock);
  brake.failed('192.0.2.1', NAME);
  clock.advance(15 * 60_000 - 1);
  assert.equal(brake.failed('192.0.2.1', NAME), 500);
  clock.advance(15 * 60_000);
  assert.equal(brake.failed('192.0.2.1', NAME), 250);
});

test('an address that does not wait for its answers may not try that name, everybody else may', () => {
  const clock = new TestClock();
  const brake = new GuessingBrake(clock);
  let tries = 0;
  while (brake.mayTry('192.0.2.1', NAME)) {
    brake.failed('192.0.2.1', NAME);
    tries += 1;
  }
  assert.equal(tries, 16);
  assert.equal(brake.mayTry('192.0.2.1', 'other@example.com'), true);
  assert.equal(brake.mayTry('192.0.2.2', NAME), true);
  clock.advance(10_000);
  assert.equal(brake.mayTry('192.0.2.1', NAME), true);
});

test('one address guessing at many names may try 26 a second at most', () => {
  const clock = new TestClock();
  const brake = new GuessingBrake(clock);
  let tries = 0;
  for (let second = 0; second < 100; second += 1) {
    for (let name = 0; name < 500; name += 1) {
      if (!brake.mayTry('192.0.2.1', `user-${second}-${name}@example.com`)) break;
      brake.failed('192.0.2.1', `user-${second}-${name}@example.com`);
      tries += 1;
    }
    clock.advance(1_000);
  }
  assert.ok(tries <= 2_600 && tries >= 2_000, `${tries} in 100 seconds`);
  assert.equal(brake.mayTry('192.0.2.2', NAME), true);
});

test('a bounded number of keys is remembered, those that failed last', () => {
  const memory = new FailureMemory({ clock: new TestClock(), forgetAfterMs: 1_000, maxKeys: 3 });
  for (const key of ['a', 'b', 'c', 'a', 'd']) memory.add(key);
  assert.equal(memory.size, 3);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => memory.count(key)),
    [2, 0, 1, 1],
  );
});
