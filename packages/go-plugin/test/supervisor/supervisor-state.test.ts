import assert from 'node:assert/strict';
import test from 'node:test';
import {
  nextState,
  type SupervisorState,
  type SupervisorTrigger,
  TRANSITIONS,
} from '../../src/supervisor/supervisor-state.ts';

const STATES: readonly SupervisorState[] = [
  'stopped',
  'starting',
  'ready',
  'restarting',
  'failed',
  'closing',
];
const TRIGGERS: readonly SupervisorTrigger[] = ['start', 'opened', 'lost', 'despaired', 'close', 'closed'];

test('every state can be closed, and closing ends in stopped only', () => {
  for (const state of STATES) {
    if (state !== 'closing') assert.equal(nextState(state, 'close'), 'closing');
  }
  assert.deepEqual(TRANSITIONS.closing, { closed: 'stopped' });
});

test('ready is reached by opened alone, from every state that wants a process', () => {
  for (const state of STATES) {
    for (const trigger of TRIGGERS) {
      const isOpened = trigger === 'opened' && state !== 'stopped' && state !== 'closing';
      assert.equal(nextState(state, trigger) === 'ready', isOpened, `${state} ${trigger}`);
    }
  }
});

test('failed is left only by success or by closing', () => {
  assert.equal(nextState('failed', 'lost'), 'failed');
  assert.equal(nextState('failed', 'despaired'), 'failed');
});

test('triggers that mean nothing in a state lead nowhere', () => {
  assert.equal(nextState('stopped', 'opened'), undefined);
  assert.equal(nextState('ready', 'start'), undefined);
  assert.equal(nextState('closing', 'lost'), undefined);
});
