import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Figures, selectionReport } from '../selection/report.ts';
import { runShape } from '../selection/shape.ts';

const figures = (peer: string, hostUs: number): Figures => ({
  peer,
  load: 'l',
  perSecond: 1,
  failed: 0,
  hostUs,
  pluginUs: 1,
  p50Us: 1,
  p99Us: 1,
});

test('what AutoMTLS adds is compared inside of each pass', () => {
  const pass = (clear: number, secured: number) => [
    figures('net/rpc v1 clear', clear),
    figures('net/rpc v1 AutoMTLS', secured),
  ];
  const report = selectionReport([pass(10, 11), pass(20, 24), pass(12, 12.6)], 'l');
  assert.match(
    report,
    /\| net\/rpc v1 \| 12\.0 µs \| ≤ 15 µs: met \| 1\.10 \(1\.05–1\.20\) \| ≤ 1\.1: met \|/,
  );
});

test('every shape makes its calls and counts those that fail', async () => {
  const open = await runShape({ kind: 'open', perSecond: 1000, seconds: 0.05 }, () => Promise.resolve());
  assert.equal(open.answered, 50);
  const burst = await runShape({ kind: 'burst', calls: 7 }, () => Promise.reject(new Error('no')));
  assert.deepEqual([burst.answered, burst.failed, burst.error], [0, 7, 'no']);
  const closed = await runShape(
    { kind: 'closed', inFlight: 2, seconds: 0.01 },
    () => new Promise(setImmediate),
  );
  assert.ok(closed.answered >= 2);
});
