import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Numbered, PendingCalls } from '../../src/net-rpc/pending-calls.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

describe('PendingCalls', () => {
  it('holds what a map by number would, whatever ends and whatever stays', () => {
    // Each step adds a call; then the one so many before it ends, if it is there.
    const steps = fc.array(fc.option(fc.oneof(fc.nat(3), fc.nat(60))), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(steps, (endings) => {
        const pending = new PendingCalls<Numbered>();
        const expected = new Map<number, Numbered>();
        for (const [seq, ending] of endings.entries()) {
          const call = { seq };
          pending.add(call);
          expected.set(seq, call);
          const ended = ending === null ? undefined : expected.get(seq - ending);
          if (ended !== undefined) {
            pending.delete(ended);
            expected.delete(ended.seq);
          }
          assert.equal(pending.size, expected.size);
        }
        for (let seq = 0; seq <= endings.length; seq += 1) assert.equal(pending.get(seq), expected.get(seq));
        assert.deepEqual(pending.takeAll(), [...expected.values()]);
        assert.equal(pending.size, 0);
        assert.deepEqual(pending.takeAll(), []);
      }),
      { numRuns: fuzzRuns(300) },
    );
  });

  it('knows no number that is none', () => {
    const pending = new PendingCalls<Numbered>();
    pending.add({ seq: 0 });
    for (const seq of [0.5, -1, 16, Number.NaN, 2 ** 64]) assert.equal(pending.get(seq), undefined);
  });
});
