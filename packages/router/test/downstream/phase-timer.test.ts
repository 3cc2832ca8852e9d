import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptLimit } from '../../src/downstream/attempt-limit.ts';
import { PhaseTimer, type TimeoutCause } from '../../src/downstream/phase-timer.ts';
import { StopSignal } from '../../src/stop-signal.ts';
import { GENEROUS } from '../support/downstream-options.ts';
import { TestClock } from '../test-clock.ts';

function setUp() {
  const clock = new TestClock();
  const due: TimeoutCause[] = [];
  const timeouts = { ...GENEROUS, mailMs: 10_000, dotMs: 600_000 };
  const timer = new PhaseTimer({ clock, timeouts, onDue: (cause) => void due.push(cause) });
  return { clock, due, timer };
}

test('A phase ends with its time-out, once', () => {
  const { clock, due, timer } = setUp();
  timer.enter('mail');
  clock.advance(9_999);
  assert.deepEqual(due, []);
  clock.advance(60_000);
  assert.deepEqual(due, ['phase']);
});

test('A phase ends with the deadline of the attempt when that is sooner', () => {
  const { clock, due, timer } = setUp();
  timer.setLimit(new AttemptLimit(clock, 4_000));
  timer.enter('mail');
  clock.advance(4_000);
  assert.deepEqual(due, ['limit']);
});

test('The deadline does not cut the wait after the dot', () => {
  const { clock, due, timer } = setUp();
  timer.setLimit(new AttemptLimit(clock, 4_000));
  timer.enter('data');
  timer.enter('dot');
  clock.advance(599_999);
  assert.deepEqual(due, []);
  clock.advance(1);
  assert.deepEqual(due, ['phase']);
});

test('An abort ends a phase at once, but not the wait after the dot', () => {
  const { clock, due, timer } = setUp();
  const abort = new StopSignal();
  timer.setLimit(new AttemptLimit(clock, 100_000, abort));
  timer.enter('dot');
  abort.stop();
  clock.advance(0);
  assert.deepEqual(due, []);
  timer.enter('mail');
  clock.advance(0);
  assert.deepEqual(due, ['limit']);
});

test('Many phases one after the other set few timers', () => {
  const { clock, due, timer } = setUp();
  for (let round = 0; round < 1_000; round += 1) {
    for (const phase of ['mail', 'rcpt', 'data', 'dot'] as const) timer.enter(phase);
    clock.advance(10);
  }
  assert.ok(clock.scheduled < 20, `${clock.scheduled} timers`);
  assert.deepEqual(due, []);
});

test('A rest ends when it is over, and nothing is left behind a stop', () => {
  const { clock, due, timer } = setUp();
  timer.rest(60_000);
  clock.advance(60_000);
  assert.deepEqual(due, ['phase']);
  timer.enter('mail');
  timer.stop();
  assert.equal(clock.pending, 0);
});
