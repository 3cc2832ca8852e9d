import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogClock } from '../../src/telemetry/log-clock.ts';

test('the time of a line is the ISO text of that moment, however the clock moves', () => {
  const year = 366 * 86_400_000;
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(5_000), fc.nat(60 * year))), (moments) => {
      let now = 0;
      const clock = new LogClock(() => now);
      for (const moment of moments) {
        now = moment;
        assert.equal(clock.text(), new Date(moment).toISOString());
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  );
});
