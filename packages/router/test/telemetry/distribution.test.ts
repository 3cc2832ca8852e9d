import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { Distribution } from '../../src/telemetry/distribution.ts';

const BUCKETS = [0.001, 0.01, 0.5, 1, 60];
const value = fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: -1, max: 100, noNaN: true }));
const label = fc.oneof(fc.constantFrom('ses', '', '"q" \\ \n'), fc.string());
const NUM_RUNS = Number(process.env['FUZZ_RUNS'] ?? 100);

test('a distribution reads as the histogram of the library does', async () => {
  const observations = fc.array(fc.tuple(value, label), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(observations, async (list) => {
      const registry = new Registry();
      const named = { name: 'time_seconds', help: 'Time.', buckets: BUCKETS };
      const ours = new Distribution({ ...named, labelName: 'where' });
      const theirs = new Histogram({ ...named, labelNames: ['where'], registers: [registry] });
      for (const [seconds, where] of list) {
        ours.observe(seconds, where);
        theirs.observe({ where }, seconds);
      }
      assert.equal(`${ours.exposition()}\n`, await registry.metrics());
    }),
    { numRuns: NUM_RUNS },
  );
});

test('without a label it is there from the beginning', async () => {
  const registry = new Registry();
  const named = { name: 'time_seconds', help: 'Time.', buckets: BUCKETS };
  const ours = new Distribution(named);
  const theirs = new Histogram({ ...named, registers: [registry] });
  assert.equal(`${ours.exposition()}\n`, await registry.metrics());
  ours.observe(0.3);
  theirs.observe(0.3);
  assert.equal(`${ours.exposition()}\n`, await registry.metrics());
});

test('what is no finite number is refused and spoils nothing', () => {
  const time = new Distribution({ name: 'time_seconds', help: 'Time.', buckets: BUCKETS });
  time.observe(2);
  for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) assert.throws(() => time.observe(bad), TypeError);
  assert.match(time.exposition(), /_sum 2\n.*_count 1$/);
});
