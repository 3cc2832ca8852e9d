import assert from 'node:assert/strict';
import test from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { StartDeadline } from '../../src/host/start-deadline.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const never = new Promise<never>(() => undefined);
const hasCode = (code: string) => (error: unknown) => error instanceof PluginError && error.code === code;

function deadline(clock: ManualClock, signal?: AbortSignal): StartDeadline {
  return new StartDeadline({ title: 'Plugin "x"', timeoutMs: 1000, signal, clock });
}

test('a step within the deadline gives its outcome', async () => {
  const clock = new ManualClock();
  const bound = deadline(clock);
  assert.equal(await bound.race(Promise.resolve(7)), 7);
  await assert.rejects(bound.race(Promise.reject(new Error('own'))), /own/);
  bound.dispose();
  assert.equal(clock.pendingTimers, 0);
});

test('a step beyond the deadline is rejected, and so is every later one', async () => {
  const clock = new ManualClock();
  const bound = deadline(clock);
  const step = assert.rejects(bound.race(never), hasCode('PLUGIN_START_TIMEOUT'));
  await clock.advance(1000);
  await step;
  await assert.rejects(bound.race(never), hasCode('PLUGIN_START_TIMEOUT'));
  assert.equal(bound.signal.aborted, true);
});

test('the caller’s signal ends the start, also when it was aborted before', async () => {
  const controller = new AbortController();
  const bound = deadline(new ManualClock(), controller.signal);
  const step = assert.rejects(bound.race(never), hasCode('PLUGIN_START_ABORTED'));
  controller.abort();
  await step;
  await assert.rejects(
    deadline(new ManualClock(), controller.signal).race(never),
    hasCode('PLUGIN_START_ABORTED'),
  );
});
