import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DeadlineHeap, type Due } from '../../src/net-rpc/deadline-heap.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);

describe('DeadlineHeap', () => {
  it('always knows the first, whatever is added and taken out', () => {
    const step = fc.record({ isRemoval: fc.boolean(), at: fc.nat(50), index: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const heap = new DeadlineHeap<Due>();
        const model: Due[] = [];
        for (const { isRemoval, at, index } of steps) {
          const [removed] = isRemoval && model.length > 0 ? model.splice(index % model.length, 1) : [];
          if (removed !== undefined) {
            heap.remove(removed);
            heap.remove(removed);
          } else {
            const entry = { dueAt: at, heapIndex: -1 };
            model.push(entry);
            heap.add(entry);
          }
          assert.equal(heap.size, model.length);
          assert.equal(
            heap.first?.dueAt ?? Infinity,
            Math.min(Infinity, ...model.map((entry) => entry.dueAt)),
          );
        }
        for (let entry = heap.first; entry !== undefined; entry = heap.first) heap.remove(entry);
        assert.equal(heap.size, 0);
      }),
      { numRuns },
    );
  });

  it('does not touch an entry of another heap', () => {
    const [mine, other] = [new DeadlineHeap<Due>(), new DeadlineHeap<Due>()];
    const entry = { dueAt: 1, heapIndex: -1 };
    other.add(entry);
    mine.add({ dueAt: 2, heapIndex: -1 });
    mine.remove(entry);
    assert.deepEqual([mine.size, other.size], [1, 1]);
  });
});
