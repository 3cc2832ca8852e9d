import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DownstreamHealth, type HealthBlame } from '../../src/downstream/health.ts';

const middle = (): number => 0.5;

function opened(blame: HealthBlame): DownstreamHealth {
  const health = new DownstreamHealth(middle);
  for (let failure = 0; failure < 3; failure += 1) health.blamed(blame, 1_000);
  return health;
}

describe('the health of a downstream', () => {
  it('opens at the second network failure in a row, the third of the server, the first refused login', () => {
    for (const [blame, failures] of [
      ['network', 2],
      ['downstream', 3],
      ['credentials', 1],
    ] as const) {
      const health = new DownstreamHealth(middle);
      for (let failure = 1; failure < failures; failure += 1) health.blamed(blame, 0);
      assert.equal(health.stateAt(0), 'closed', `${blame} before the last failure`);
      health.blamed(blame, 0);
      assert.equal(health.stateAt(0), 'open', blame);
    }
  });

  it('stays closed when a delivery came between two failures', () => {
    const health = new DownstreamHealth(middle);
    health.blamed('network', 0);
    health.delivered();
    health.blamed('network', 0);
    assert.equal(health.stateAt(0), 'closed');
  });

  it('probes a dead network within two seconds, again and again', () => {
    for (const random of [0, 0.999_999]) {
      const health = new DownstreamHealth(() => random);
      health.blamed('network', 0);
      health.blamed('network', 0);
      let now = 0;
      for (let probe = 0; probe < 20; probe += 1) {
        const due = health.probeDueAt ?? Number.NaN;
        assert.ok(due - now > 0 && due - now <= 2_000, `${due - now}`);
        now = due;
        health.probeBegan();
        assert.equal(health.stateAt(now), 'half-open');
        health.probeFailed('network', now);
      }
    }
  });

  it('probes refused credentials after a minute, then ever more rarely up to a quarter of an hour', () => {
    const health = opened('credentials');
    const delays: number[] = [];
    let now = 1_000;
    for (let probe = 0; probe < 7; probe += 1) {
      const due = health.probeDueAt ?? Number.NaN;
      delays.push((due - now) / 60_000);
      now = due;
      health.probeBegan();
      health.probeFailed('credentials', now);
    }
    assert.deepEqual(delays, [1, 2, 4, 8, 15, 15, 15]);
  });

  it('probes refused credentials at once when the secret changed', () => {
    const health = opened('credentials');
    health.secretChanged(5_000);
    assert.equal(health.probeDueAt, 5_000);
  });

  it('probes again at once when the secret changed during a probe with the former one', () => {
    const health = opened('credentials');
    health.probeBegan();
    health.secretChanged(5_000);
    health.probeFailed('credentials', 6_000);
    assert.equal(health.probeDueAt, 6_000);
    health.probeBegan();
    health.probeFailed('credentials', 7_000);
    assert.ok((health.probeDueAt ?? 0) >= 7_000 + 60_000);
  });

  it('does not care for secrets when the network opened it', () => {
    const health = opened('network');
    const dueAt = health.probeDueAt;
    health.secretChanged(dueAt === undefined ? 0 : dueAt - 1_000);
    assert.equal(health.probeDueAt, dueAt);
  });

  it('is used again when a probe succeeded', () => {
    const health = opened('network');
    health.probeBegan();
    health.probeSucceeded();
    assert.equal(health.stateAt(2_000), 'closed');
  });

  it('rests for the time a throttle asked for, without a probe, and a second throttle never shortens it', () => {
    const health = new DownstreamHealth(middle);
    health.blamed('throttle', 0, 30_000);
    health.blamed('throttle', 1_000, 5_000);
    assert.equal(health.probeDueAt, undefined);
    assert.equal(health.stateAt(29_999), 'resting');
    assert.equal(health.stateAt(30_000), 'closed');
  });

  it('is closed by mail that was under way and arrived', () => {
    const health = opened('network');
    health.delivered();
    assert.equal(health.stateAt(2_000), 'closed');
  });

  it('never stays open without a probe being due, whatever happens to it', () => {
    const blame = fc.constantFrom<HealthBlame>('network', 'downstream', 'credentials', 'throttle');
    const step = fc.oneof(
      fc.record({ do: fc.constant('blamed' as const), blame }),
      fc.record({ do: fc.constantFrom('delivered' as const, 'began' as const, 'succeeded' as const), blame }),
      fc.record({ do: fc.constant('failed' as const), blame }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const health = new DownstreamHealth(middle);
        for (const [now, taken] of steps.entries()) {
          if (taken.do === 'blamed') health.blamed(taken.blame, now);
          else if (taken.do === 'delivered') health.delivered();
          else if (taken.do === 'began') health.probeBegan();
          else if (taken.do === 'succeeded') health.probeSucceeded();
          else health.probeFailed(taken.blame, now);
          assert.equal(health.stateAt(now) === 'open', health.probeDueAt !== undefined);
        }
      }),
    );
  });
});
