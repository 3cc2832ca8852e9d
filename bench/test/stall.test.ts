import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleShare } from '../harness/machine-idle.ts';
import { isStall } from '../harness/stall.ts';

const STALLED = { p50Ms: 44, idleShare: 0.9, busyCores: 0.1 };

test('slow mail on an idle machine is a stall', () => {
  assert.equal(isStall(STALLED), true);
});

test('fast mail, a busy machine or a peer at the limit of its thread is no stall', () => {
  assert.equal(isStall({ ...STALLED, p50Ms: 5 }), false);
  assert.equal(isStall({ ...STALLED, idleShare: 0.5 }), false);
  assert.equal(isStall({ ...STALLED, busyCores: 0.8 }), false);
});

test('the idle share is that of the time between two readings', () => {
  assert.equal(idleShare({ idle: 100, total: 1_000 }, { idle: 130, total: 1_040 }), 0.75);
  assert.equal(idleShare({ idle: 5, total: 10 }, { idle: 5, total: 10 }), 0);
});
