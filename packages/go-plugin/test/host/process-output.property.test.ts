import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import fc from 'fast-check';
import { LOG_LEVELS } from '../../src/hclog/log-level.ts';
import type { PluginOutput } from '../../src/host/plugin-output.ts';
import { ProcessOutput } from '../../src/host/process-output.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

/** A run goes through two streams, so that it costs more than one of a parser alone. */
const numRuns = Math.ceil(fuzzRuns(3000) / 30);

const LIMIT_BYTES = 256 * 1024;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const piece = fc.oneof(
  fc
    .constantFrom(
      '\n',
      '1|1|unix|/a|netrpc|\n',
      'panic: boom\n',
      'goroutine 1 [running]:\n',
      '{"@level":"info","@message":"m","a":1}\n',
      '{"@message":',
      '{"__proto__":{},"@level":7}\n',
      '[ERROR] ',
    )
    .map(bytes),
  fc.string().map(bytes),
  fc.uint8Array({ maxLength: 200 }),
  fc
    .record({ what: fc.nat(255), length: fc.nat(100_000) })
    .map(({ what, length }) => new Uint8Array(length).fill(what)),
);
const output = fc.array(piece, { maxLength: 12 });

test('whatever a plugin writes is told in bounded pieces, and both pipes are read to their end', async () => {
  await fc.assert(
    fc.asyncProperty(output, output, fc.nat(300), async (toStdout, toStderr, pauseMs) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const clock = new ManualClock();
      const heard: PluginOutput[] = [];
      const subject = new ProcessOutput({ stdout, stderr, clock, onOutput: (said) => heard.push(said) });
      for (let at = 0; at < Math.max(toStdout.length, toStderr.length); at += 1) {
        stdout.write(toStdout[at] ?? new Uint8Array(0));
        stderr.write(toStderr[at] ?? new Uint8Array(0));
        await clock.advance(pauseMs);
      }
      stdout.end();
      stderr.end();
      await clock.advance(60_000);
      await Promise.all([subject.drained, subject.firstLine]);
      for (const said of heard) assertBounded(said);
      assert.ok(subject.lastLines.length <= 20);
      assert.ok(subject.lastLines.every((line) => line.length <= 2048));
      assert.ok((subject.panic?.length ?? 0) <= 65_536);
    }),
    { numRuns },
  );
});

function assertBounded(said: PluginOutput): void {
  switch (said.kind) {
    case 'print':
      assert.ok(said.text.length <= LIMIT_BYTES);
      return;
    case 'dropped':
      assert.ok(said.bytes > 0);
      return;
    case 'log':
      assert.ok(LOG_LEVELS.includes(said.record.level));
      assert.ok(said.record.message.length <= LIMIT_BYTES);
      return;
  }
}
