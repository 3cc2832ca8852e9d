import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryBudget } from '../../src/message/memory-budget.ts';

test('Half, three quarters and all of the memory are told apart', () => {
  const budget = new MemoryBudget(1000);
  const levels = [499, 1, 250, 250].map((bytes) => {
    budget.take(bytes);
    return [budget.isHalfUsed, budget.isScarce, budget.isExhausted];
  });
  assert.deepEqual(levels, [
    [false, false, false],
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test('Nobody waits while there is room', () => {
  const budget = new MemoryBudget(1000);
  budget.take(999);
  assert.equal(budget.room(), undefined);
  assert.equal(budget.waiting, 0);
});

test('Those who wait go on in their order when bytes are given back', async () => {
  const budget = new MemoryBudget(1000);
  budget.take(1000);
  const order: string[] = [];
  const waits = ['a', 'b', 'c'].map((name) => budget.room()?.then(() => order.push(name)));
  assert.equal(budget.waiting, 3);
  budget.give(1);
  await Promise.all(waits);
  assert.deepEqual(order, ['a', 'b', 'c']);
});

test('Bytes given back while the memory stays exhausted wake nobody', () => {
  const budget = new MemoryBudget(1000);
  budget.take(1500);
  void budget.room();
  budget.give(500);
  assert.equal(budget.waiting, 1);
});

test('A crowd goes on by and by: those behind wait again when the first fill the memory', async () => {
  const budget = new MemoryBudget(1000);
  budget.take(1000);
  let woken = 0;
  const refilled = Promise.withResolvers<void>();
  for (let index = 0; index < 100; index += 1) {
    void budget.room()?.then(() => {
      woken += 1;
      budget.take(100);
      if (woken === 10) refilled.resolve();
    });
  }
  budget.give(1000);
  await refilled.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(woken < 50, `${woken} went on`);
  assert.equal(woken + budget.waiting, 100);
});

test('Whoever waits goes on at last, however bytes come and go', async () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(amounts, async (sizes) => {
      const budget = new MemoryBudget(1000);
      await Promise.all(
        sizes.map(async (bytes) => {
          budget.take(bytes);
          await new Promise((resolve) => setImmediate(resolve));
          budget.give(bytes);
          await budget.room();
        }),
      );
      assert.deepEqual([budget.usedBytes, budget.waiting], [0, 0]);
    }),
  );
});
