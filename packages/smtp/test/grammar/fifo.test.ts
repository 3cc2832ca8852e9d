import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fifo } from '../../src/grammar/fifo.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('A queue does what an array does, whatever is done to it', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.nat().map((item) => ({ do: 'push' as const, item })) },
    { weight: 5, arbitrary: fc.constant({ do: 'shift' as const }) },
    { weight: 1, arbitrary: fc.nat().map((item) => ({ do: 'replace' as const, item })) },
    { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const queue = new Fifo<number>();
      let model: number[] = [];
      for (const one of steps) {
        if (one.do === 'push') {
          queue.push(one.item);
          model.push(one.item);
        } else if (one.do === 'shift') {
          assert.equal(queue.shift(), model.shift());
        } else if (one.do === 'replace') {
          queue.replace(one.item);
          if (model.length > 0) model[0] = one.item;
        } else {
          queue.clear();
          model = [];
        }
        assert.equal(queue.isEmpty, model.length === 0);
        assert.equal(queue.peek(), model[0]);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});
