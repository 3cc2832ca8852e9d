import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StopSignal } from '../src/stop-signal.ts';

test('Whoever listens hears of the stop once, whoever left does not', () => {
  const signal = new StopSignal();
  const heard: string[] = [];
  const left = (): void => void heard.push('left');
  signal.onStop(() => heard.push('stays'));
  signal.onStop(left);
  signal.offStop(left);
  assert.equal(signal.isStopped, false);
  signal.stop();
  signal.stop();
  assert.equal(signal.isStopped, true);
  assert.deepEqual(heard, ['stays']);
});

test('A listener that comes after the stop is not called', () => {
  const signal = new StopSignal();
  signal.stop();
  signal.onStop(() => assert.fail('it was before'));
  signal.stop();
});
