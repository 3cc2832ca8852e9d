import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecretFilter } from '../../src/telemetry/secret-filter.ts';

test('every occurrence of every secret is taken out, the longest where two begin alike', () => {
  const filter = new SecretFilter(['hunter2', 'hunter2-longer', 'päßword€']);
  assert.equal(
    filter.clean('hunter2hunter2 x hunter2-longer päßword€!'),
    '[secret][secret] x [secret] [secret]!',
  );
});

test('secrets shorter than five characters are left, they would garble words', () => {
  assert.equal(new SecretFilter(['any', '', 'abcd']).clean('company abcd'), 'company abcd');
});

test('a text without secrets is answered as it is', () => {
  const filter = new SecretFilter(['hunter2']);
  for (const text of ['', 'h', 'hunter', 'hunter 2', 'xxhunterxx']) assert.equal(filter.clean(text), text);
});

test('no secret is left in any text it was planted in', () => {
  // A letter no secret consists of keeps cleaned texts from forming new ones.
  const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '€'), minLength: 5, maxLength: 9 });
  const piece = fc.oneof(secret, fc.string({ unit: 'binary', maxLength: 6 }));
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.array(piece), (secrets, pieces) => {
      const cleaned = new SecretFilter(secrets).clean([...pieces, ...secrets].join('|'));
      for (const one of secrets) assert.ok(!cleaned.includes(one));
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
  );
});
