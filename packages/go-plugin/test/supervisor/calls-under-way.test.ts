import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallsUnderWay, type CallUnderWay } from '../../src/supervisor/calls-under-way.ts';

const IGNORE = (): void => undefined;

/** Deadlines from the first to the last. */
function deadlines(calls: CallsUnderWay): number[] {
  const found: number[] = [];
  for (let call = calls.first; call !== undefined; call = call.next) found.push(call.dueAt);
  return found;
}

describe('CallsUnderWay', () => {
  it('keeps calls in order, whichever of them ends', () => {
    for (const ended of [0, 1, 2, 3]) {
      const calls = new CallsUnderWay();
      const added = [0, 1, 2, 3].map((dueAt) => calls.add(dueAt, IGNORE));
      assert.equal(calls.end(added[ended] as CallUnderWay), true);
      assert.equal(calls.size, 3);
      const left = [0, 1, 2, 3].filter((dueAt) => dueAt !== ended);
      assert.deepEqual(deadlines(calls), left);
      calls.add(4, IGNORE);
      assert.deepEqual(deadlines(calls), [...left, 4]);
    }
  });

  it('is empty after the last has ended, and can be used again', () => {
    const calls = new CallsUnderWay();
    calls.end(calls.add(1, IGNORE));
    assert.equal(calls.first, undefined);
    assert.equal(calls.size, 0);
    calls.add(2, IGNORE);
    assert.deepEqual(deadlines(calls), [2]);
  });

  it('ends a call once', () => {
    const calls = new CallsUnderWay();
    const call = calls.add(1, IGNORE);
    calls.add(2, IGNORE);
    assert.equal(calls.end(call), true);
    assert.equal(calls.end(call), false);
    assert.deepEqual(deadlines(calls), [2]);
  });
});
