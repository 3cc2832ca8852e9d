import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownPasswords, MAX_KNOWN } from '../../src/submission/known-passwords.ts';
import { TestClock } from '../test-clock.ts';

const digest = (byte: number) => new Uint8Array(32).fill(byte);

test('only the digest that was right last is known, for its user', () => {
  const known = new KnownPasswords(new TestClock());
  known.remember('ann', digest(1));
  assert.equal(known.isKnown('ann', digest(1)), true);
  assert.equal(known.isKnown('ann', digest(2)), false);
  assert.equal(known.isKnown('bob', digest(1)), false);
  known.remember('ann', digest(2));
  assert.equal(known.isKnown('ann', digest(1)), false);
});

test('beyond the bound the user that logged in longest ago is forgotten', () => {
  const known = new KnownPasswords(new TestClock());
  for (let user = 0; user < MAX_KNOWN; user += 1) known.remember(`user ${user}`, digest(1));
  assert.equal(known.isKnown('user 0', digest(1)), true);
  known.remember('one more', digest(1));
  assert.equal(known.isKnown('user 0', digest(1)), true);
  assert.equal(known.isKnown('user 1', digest(1)), false);
});
