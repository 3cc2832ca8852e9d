import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairLine } from '../../src/submission/fair-line.ts';

/** A line whose work ends when the test says so. */
function setUp(options = { maxRunning: 1, maxWaiting: 4, maxWaitingPerKey: 3 }) {
  const line = new FairLine(options);
  const running: { readonly name: string; readonly end: () => void }[] = [];
  const started: string[] = [];
  const dropped: string[] = [];
  const run = (key: string, name: string): void => {
    const answer = line.run(key, () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      started.push(name);
      running.push({ name, end: () => resolve(name) });
      return promise;
    });
    void answer.then((result) => result === undefined && dropped.push(name));
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endOne = async (): Promise<boolean> => {
    const first = running.shift();
    first?.end();
    await settle();
    return first !== undefined;
  };
  return { run, started, dropped, running, settle, endOne };
}

test('keys are served in turn, each in its own order', async () => {
  const { run, started, endOne } = setUp({ maxRunning: 1, maxWaiting: 9, maxWaitingPerKey: 9 });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) run(name.charAt(0), name);
  while (await endOne());
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('a full line takes a place from the key with the most, never from an equal', async () => {
  const { run, dropped, settle } = setUp();
  for (const name of ['a0', 'a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1', 'c2', 'd1']) {
    run(name.charAt(0), name);
    await settle();
  }
  // a0 runs, a1 a2 a3 wait: a4 is one too many of a. b1 fills the line; b2 and c1 take from a, d1 from b; b3 and c2 find nobody richer.
  assert.deepEqual(dropped, ['a4', 'a3', 'b3', 'a2', 'c2', 'b2']);
});

test('work that fails rejects for whoever asked and frees its place', async () => {
  const line = new FairLine({ maxRunning: 1, maxWaiting: 1, maxWaitingPerKey: 1 });
  const failing = line.run('a', () => Promise.reject(new Error('broken')));
  const next = line.run('a', async () => 'done');
  await assert.rejects(failing, /broken/);
  assert.equal(await next, 'done');
});

test('whatever comes: never more at work than allowed, everything is done or dropped, and nothing twice', async () => {
  const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant('end' as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { run, started, dropped, running, settle, endOne } = setUp({
        maxRunning: 2,
        maxWaiting: 5,
        maxWaitingPerKey: 3,
      });
      let asked = 0;
      for (const next of steps) {
        if (next === 'end') await endOne();
        else {
          asked += 1;
          run(next, `${next}${asked}`);
        }
        assert.ok(running.length <= 2);
      }
      while (await endOne());
      await settle();
      assert.equal(new Set([...started, ...dropped]).size, asked);
      assert.equal(started.length + dropped.length, asked);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
  );
});
