import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goalsTable } from '../harness/goals.ts';
import type { Measurement } from '../harness/measure.ts';
import type { CellResult } from '../harness/results.ts';

test('a goal holds by its median, and one without data says so', () => {
  const passes = [1.0, 1.4, 9].map((cpu) => [
    figures('smtp-router', { cpuPer1000: cpu }),
    figures('haproxy', { cpuPer1000: 1 }),
  ]);
  const lines = goalsTable([result('main', passes)]).split('\n');
  assert.ok(
    lines.includes('| main | CPU of the router ÷ HAProxy’s | ≤ 1.5 | 1.40 (1.00–9.00) | 3 | yes |'),
    lines.join('\n'),
  );
  assert.ok(lines.includes('| main | messages/s ÷ Haraka’s | ≥ 10 | not measured | 0 | – |'));
});

test('CPU of the plugin counts where router and plugin are meant', () => {
  const passes = [
    [figures('smtp-router', { cpuPer1000: 2, pluginCpuPer1000: 0.5 }), figures('haproxy', { cpuPer1000: 1 })],
  ];
  const text = goalsTable([result('main', passes)]);
  assert.match(text, /CPU of router and plugin ÷ HAProxy’s \| ≤ 2.2 \| 2.50 \| 1 \| no/);
});

test('added latency is the difference to direct inside the pass', () => {
  const passes = [
    [figures('direct', { p50Ms: 0.2, p99Ms: 1 }), figures('smtp-router', { p50Ms: 0.5, p99Ms: 4 })],
  ];
  const text = goalsTable([result('latency', passes)]);
  assert.match(text, /p50 added to direct, ms \| ≤ 0.5 \| 0.30 \| 1 \| yes/);
  assert.match(text, /p99 added to direct, ms \| ≤ 2 \| 3.00 \| 1 \| no/);
});

test('a cell stalls when most passes of the router do, whatever other peers do', () => {
  const stalled = [figures('smtp-router', { isStalled: true }), figures('haraka', {})];
  const fine = [figures('smtp-router', {}), figures('haraka', { isStalled: true })];
  const lastLine = (passes: readonly (readonly Measurement[])[]): string =>
    goalsTable([result('single', passes)])
      .split('\n')
      .at(-1) ?? '';
  assert.match(lastLine([stalled, stalled, fine]), /1 \(single\) \| 3 \| no/);
  assert.match(lastLine([stalled, fine, fine]), /\| 0 \| 3 \| yes/);
});

function result(cell: string, passes: CellResult['passes']): CellResult {
  return {
    cell,
    date: '2026-01-01',
    environment: { machine: 'm', versions: [], revision: 'r' },
    duration: { warmupMessages: 1, warmupSeconds: 1, seconds: 1 },
    passes,
    idlePasses: [],
    leftOut: [],
  };
}

function figures(peer: string, change: Partial<Measurement>): Measurement {
  return {
    ...{ peer, perSecond: 1, cpuPer1000: 1, pluginCpuPer1000: 0, peakRssMiB: 1, p50Ms: 1, p99Ms: 1 },
    ...{ idleShare: 0, isStalled: false, failed: 0, lost: 0, error: '' },
    ...change,
  };
}
