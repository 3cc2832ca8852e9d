import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { type SpoolCounts, watchSpool } from '../../src/telemetry/spool-metrics.ts';

const COUNTS: SpoolCounts = { messages: 3, due: 4, held: 1, torn: 0, oldestAgeMs: 2_500 };

test('what waits is looked at once for all gauges, and again after five seconds', async () => {
  const registry = new Registry();
  let now = 0;
  let looks = 0;
  const spool = { stats: async () => ({ ...COUNTS, messages: COUNTS.messages + looks++ }) };
  watchSpool(registry, spool, () => now);
  const first = await registry.metrics();
  for (const line of [
    'messages 3',
    'due_recipients 4',
    'held_recipients 1',
    'torn_records 0',
    'oldest_age_seconds 2.5',
  ]) {
    assert.match(first, new RegExp(`^smtp_router_spool_${line}$`, 'm'));
  }
  assert.equal(await registry.metrics(), first);
  assert.equal(looks, 1);
  now = 5_000;
  assert.match(await registry.metrics(), /^smtp_router_spool_messages 4$/m);
});

test('the last known figures stay while the spool cannot be used', async () => {
  const registry = new Registry();
  let now = 0;
  let isDown: boolean = false;
  watchSpool(
    registry,
    { stats: async () => (isDown ? Promise.reject(new Error('down')) : COUNTS) },
    () => now,
  );
  await registry.metrics();
  isDown = true;
  now = 10_000;
  assert.match(await registry.metrics(), /^smtp_router_spool_messages 3$/m);
});
