import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { OneTimerClock } from '../src/one-timer-clock.ts';
import { TestClock } from './test-clock.ts';

describe('timers that share one', () => {
  let below: TestClock;
  let clock: OneTimerClock;
  let ran: string[];

  beforeEach(() => {
    below = new TestClock();
    clock = new OneTimerClock(below);
    ran = [];
  });

  const note = (name: string) => () => void ran.push(`${name} at ${below.now()}`);

  test('run when they are due, in order of their time', () => {
    clock.schedule(300, note('late'));
    clock.schedule(100, note('early'));
    clock.schedule(200, note('middle'));
    below.advance(1_000);
    assert.deepEqual(ran, ['early at 100', 'middle at 200', 'late at 300']);
    assert.equal(below.pending, 0);
  });

  test('hold one timer below, which only a sooner one moves', () => {
    for (let index = 0; index < 100; index += 1) clock.schedule(500 + index, note('later'));
    assert.equal(below.pending, 1);
    assert.equal(below.scheduled, 1);
    clock.schedule(50, note('sooner'));
    assert.equal(below.pending, 1);
    assert.equal(below.scheduled, 2);
  });

  test('do not run once cancelled, even by one that is due together with them', () => {
    const cancelled = clock.schedule(100, note('cancelled'));
    cancelled();
    cancelled();
    clock.schedule(100, () => cancelOther());
    const cancelOther = clock.schedule(100, note('other'));
    clock.schedule(100, note('last'));
    below.advance(200);
    assert.deepEqual(ran, ['last at 100']);
  });

  test('that were all cancelled leave one empty turn', () => {
    clock.schedule(100, note('never'))();
    below.advance(1_000);
    assert.deepEqual(ran, []);
    assert.equal(below.scheduled, 1);
    assert.equal(below.pending, 0);
  });

  test('may be scheduled by one that runs', () => {
    clock.schedule(100, () => clock.schedule(0, note('soon')));
    clock.schedule(150, note('second'));
    below.advance(500);
    assert.deepEqual(ran, ['soon at 100', 'second at 150']);
  });

  test('go on when one of them throws', () => {
    clock.schedule(100, () => {
      throw new Error('on purpose');
    });
    clock.schedule(200, note('next'));
    assert.throws(() => below.advance(150), /on purpose/);
    below.advance(100);
    assert.deepEqual(ran, ['next at 200']);
  });
});
