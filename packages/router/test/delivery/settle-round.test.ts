import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type RoundFacts, settleRound } from '../../src/delivery/settle-round.ts';
import type { Outcome } from '../../src/message/outcome.ts';
import { delivered, undelivered } from './outcome-samples.ts';

const HOUR_MS = 3_600_000;

function settle(outcome: Outcome | undefined, changes: Partial<RoundFacts> = {}) {
  return settleRound({
    recipients: [{ id: 0, deferrals: 0, waitedMs: 0 }],
    outcomes: new Map(outcome === undefined ? [] : [[0, outcome]]),
    ageMs: 0,
    isReport: false,
    ambiguous: 'at_least_once',
    retry: { delaysMs: [1_000, 5_000, HOUR_MS], giveUpAfterMs: 72 * HOUR_MS },
    ...changes,
  });
}

function kindOf(outcome: Outcome | undefined, changes: Partial<RoundFacts> = {}) {
  return settle(outcome, changes).settled[0]?.kind;
}

describe('a round settles a recipient', () => {
  const refused = undelivered('failed', 'recipient', 550);
  const later = undelivered('deferred', 'recipient', 450);
  const lost = undelivered('ambiguous', 'network');
  const login = undelivered('failed', 'credentials', 535);

  test('as delivered, whatever else', () => {
    assert.equal(kindOf(delivered()), 'delivered');
    assert.equal(kindOf(delivered(), { isReport: true, ageMs: 1e12 }), 'delivered');
  });

  test('as failed when its refusal is final, and names it for the report', () => {
    const { settled, failed } = settle(refused);
    assert.equal(settled[0]?.kind, 'failed');
    assert.deepEqual(failed, [{ recipientId: 0, kind: 'refused', outcome: refused }]);
  });

  test('as deferred when the fault is ours, though the reply was 5xx', () => {
    const [one] = settle(login).settled;
    assert.equal(one?.kind, 'deferred');
    assert.match(one?.reason ?? '', /^Waiting for a downstream: /);
  });

  test('as deferred after a refusal for now, without an outcome, or after a lost answer', () => {
    assert.equal(kindOf(later), 'deferred');
    assert.equal(kindOf(undefined), 'deferred');
    assert.equal(kindOf(lost), 'deferred');
  });

  test('as held after a lost answer when it must not come twice', () => {
    assert.equal(kindOf(lost, { ambiguous: 'at_most_once' }), 'held');
  });

  test('as held when the selector says so, as failed when it refuses', () => {
    assert.equal(kindOf(later, { verdict: { kind: 'hold', code: 0, text: '' } }), 'held');
    assert.equal(kindOf(later, { verdict: { kind: 'reject', code: 0, text: '' } }), 'failed');
    assert.equal(kindOf(later, { verdict: { kind: 'defer', code: 0, text: '' } }), 'deferred');
  });

  test('as held instead of failed when it is a report', () => {
    assert.equal(kindOf(refused, { isReport: true }), 'held');
    assert.deepEqual(settle(refused, { isReport: true }).failed, []);
  });

  test('later each time, and the last delay repeats', () => {
    const delays = [0, 1, 2, 3, 50].map(
      (deferrals) => settle(later, { recipients: [{ id: 0, deferrals, waitedMs: 0 }] }).settled[0]?.delayMs,
    );
    assert.deepEqual(delays, [1_000, 5_000, HOUR_MS, HOUR_MS, HOUR_MS]);
  });

  test('as failed once it is too old by its age and by what it waited: no clock that jumps does it alone', () => {
    const old = 73 * HOUR_MS;
    const waiting = (waitedMs: number) => [{ id: 0, deferrals: 9, waitedMs }];
    assert.equal(kindOf(later, { ageMs: old, recipients: waiting(old) }), 'failed');
    assert.equal(kindOf(later, { ageMs: old, recipients: waiting(0) }), 'deferred');
    assert.equal(kindOf(later, { ageMs: 0, recipients: waiting(old) }), 'deferred');
    const [failed] = settle(later, { ageMs: old, recipients: waiting(old) }).failed;
    assert.equal(failed?.kind, 'expired');
  });
});
