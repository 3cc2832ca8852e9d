import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { livenessReport, type ReadinessFacts, readinessReport } from '../../src/telemetry/health.ts';

const healthy: ReadinessFacts = {
  state: 'serving',
  listeners: [{ address: '127.0.0.1:2525', isListening: true }],
  plugins: [{ name: 'mine', isReady: true, isNeeded: false }],
  downstreams: [
    { name: 'ses', isUp: true },
    { name: 'sendgrid', isUp: true },
  ],
};

test('a router that is well is ready and names nothing', () => {
  const report = readinessReport(healthy);
  assert.equal(report.status, 200);
  assert.deepEqual([report.body.status, report.body.failing], ['ok', []]);
  assert.equal(report.body.parts.length, 5);
});

test('each failing part makes the router not ready and is named', () => {
  const table: readonly (readonly [Partial<ReadinessFacts>, string])[] = [
    [{ state: 'starting' }, 'router: is starting'],
    [{ state: 'draining' }, 'router: is draining'],
    [{ listeners: [{ address: '[::1]:587', isListening: false }] }, 'listener [::1]:587: does not listen'],
    [
      { plugins: [{ name: 'mine', isReady: false, isNeeded: true, detail: 'exited with 1' }] },
      'plugin mine: exited with 1',
    ],
    [
      { downstreams: [{ name: 'ses', isUp: false, detail: 'connection refused' }] },
      'downstream ses: connection refused',
    ],
  ];
  for (const [change, sentence] of table) {
    const report = readinessReport({ ...healthy, ...change });
    assert.equal(report.status, 503, sentence);
    assert.equal(report.body.status, 'failing');
    assert.deepEqual(report.body.failing, [sentence]);
  }
});

test('a plugin whose fallback decides, and one downstream of two, degrade but stay ready', () => {
  const report = readinessReport({
    ...healthy,
    plugins: [{ name: 'mine', isReady: false, isNeeded: false }],
    downstreams: [
      { name: 'ses', isUp: true },
      { name: 'sendgrid', isUp: false },
    ],
  });
  assert.equal(report.status, 200);
  assert.equal(report.body.status, 'degraded');
  assert.deepEqual(report.body.failing, [
    'plugin mine: is not ready; on_failure decides',
    'downstream sendgrid: is down',
  ]);
});

test('liveness fails only when the event loop stands still', () => {
  assert.equal(livenessReport({ eventLoopDelayMs: 900 }).status, 200);
  const late = livenessReport({ eventLoopDelayMs: 6_000 });
  assert.equal(late.status, 503);
  assert.deepEqual(late.body.failing, ['event loop: is 6000 ms late']);
});

describe('with a spool', () => {
  const facts = {
    state: 'serving',
    listeners: [],
    plugins: [],
    downstreams: [{ name: 'ses', isUp: false }],
  } as const;

  test('no downstream degrades: mail is still taken', () => {
    const { status, body } = readinessReport({ ...facts, spool: { isWorking: true } });
    assert.deepEqual([status, body.status], [200, 'degraded']);
  });

  test('no downstream and no spool that works fails', () => {
    const { status, body } = readinessReport({ ...facts, spool: { isWorking: false } });
    assert.equal(status, 503);
    assert.match(body.failing.join('\n'), /spool: cannot be used/);
  });
});
