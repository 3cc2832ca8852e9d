import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Counter, Gauge, Registry } from 'prom-client';
import { Tally } from '../../src/telemetry/tally.ts';

const label = fc.oneof(fc.constantFrom('a', 'b', '', '"q" \\ \n'), fc.nat(3));
const NUM_RUNS = Number(process.env['FUZZ_RUNS'] ?? 100);

test('a tally reads as the counter of the library does, whatever the labels and at each reading', async () => {
  const counts = fc.array(fc.tuple(label, label, label, fc.nat(9)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(counts, counts, async (first, second) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const options = { name: 'things_total', help: 'Things.', labelNames: ['x', 'y', 'z'] as const };
      const tally = new Tally(ours, options);
      const counter = new Counter({ ...options, registers: [theirs] });
      for (const part of [first, second]) {
        for (const [x, y, z, amount] of part) {
          tally.at(x, y, z).count += amount;
          counter.inc({ x: String(x), y: String(y), z: String(z) }, amount);
        }
        assert.deepEqual(summed(await ours.metrics()), summed(await theirs.metrics()));
      }
    }),
    { numRuns: NUM_RUNS },
  );
});

/** Value by labels: the library tells 1 from "1" in no better way than the text format does. */
function summed(exposition: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of exposition.split('\n')) {
    const at = line.lastIndexOf(' ');
    const name = line.slice(0, at);
    values.set(name, (values.get(name) ?? 0) + Number(line.slice(at + 1)));
  }
  return values;
}

test('without labels it is there from the beginning, and a gauge goes down too', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const bytes = new Tally(ours, { name: 'bytes_total', help: 'Bytes.' });
  const open = new Tally(ours, { name: 'open', help: 'Open.', labelNames: ['where'], type: 'gauge' });
  const counter = new Counter({ name: 'bytes_total', help: 'Bytes.', registers: [theirs] });
  const gauge = new Gauge({ name: 'open', help: 'Open.', labelNames: ['where'], registers: [theirs] });
  assert.equal(await ours.metrics(), await theirs.metrics());
  bytes.add(7);
  counter.inc(7);
  open.at('here').count -= 2;
  gauge.dec({ where: 'here' }, 2);
  assert.equal(await ours.metrics(), await theirs.metrics());
});

test('an amount that is no amount spoils nothing', async () => {
  const registry = new Registry();
  const bytes = new Tally(registry, { name: 'bytes_total', help: 'Bytes.' });
  bytes.add(7);
  for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    assert.throws(() => bytes.add(amount), TypeError);
  }
  assert.match(await registry.metrics(), /^bytes_total 7$/m);
});
