import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { OutputChannel } from '../../src/host/output-channel.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(100);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function stage(maxBytesPerSecond: number) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const channel = new OutputChannel({
    clock,
    maxBytesPerSecond,
    onPiece: (piece) => heard.push(Buffer.from(piece.bytes).toString()),
    onDropped: (count) => heard.push(`dropped ${count}`),
  });
  return { clock, heard, channel };
}

test('lines within the rate pass, and the last one needs no end', () => {
  const { channel, heard } = stage(1000);
  channel.push(bytes('a\nb'));
  channel.push(bytes('c\nd'));
  channel.end();
  assert.deepEqual(heard, ['a', 'bc', 'd']);
});

test('beyond the rate bytes are dropped unseen, counted, and reading goes on at a line start', async () => {
  const { channel, heard, clock } = stage(200);
  channel.push(bytes('first\nsecond\nhalf'));
  channel.push(bytes('-line flood flood\nflood'));
  channel.push(bytes('flood'));
  await clock.advance(1000);
  channel.push(bytes('rest of the flood\nlater\n'));
  channel.end();
  assert.deepEqual(heard, ['first', 'second', 'half', 'dropped 28', 'later', 'dropped 18']);
});

test('tiny lines cost more than their bytes', () => {
  const { channel, heard } = stage(1000);
  for (let line = 0; line < 100; line++) channel.push(bytes('x\n'));
  assert.equal(heard.length, 8);
});

test('a flood of tiny lines in large chunks is told at the rate, not by the chunk', async () => {
  const { channel, heard, clock } = stage(10_000);
  for (let count = 0; count < 100; count += 1) {
    channel.push(bytes('x\n'.repeat(30_000)));
    await clock.advance(100);
  }
  const lines = heard.filter((line) => line === 'x').length;
  // 10 s of 10 000 bytes, and as much at first, in lines of 130; a slice may go beyond each of 40 times.
  assert.ok(lines > 500 && lines < 110_000 / 130 + 40 * 512, String(lines));
  const reports = heard.filter((line) => line.startsWith('dropped')).length;
  assert.ok(reports >= 5 && reports <= 11, String(reports));
});

test('every byte is either heard or counted', async () => {
  const chunk = fc.record({
    text: fc.stringMatching(/^[a-c\n]{0,40}$/),
    pauseMs: fc.constantFrom(0, 0, 300, 1000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 30 }), async (chunks) => {
      const { channel, heard, clock } = stage(300);
      for (const { text, pauseMs } of chunks) {
        channel.push(bytes(text));
        await clock.advance(pauseMs);
      }
      channel.end();
      const sent = chunks.reduce((sum, { text }) => sum + text.length, 0);
      const dropped = heard.reduce((sum, text) => sum + Number(/^dropped (\d+)$/.exec(text)?.[1] ?? 0), 0);
      const said = heard.reduce((sum, text) => sum + (text.startsWith('dropped') ? 0 : text.length), 0);
      const lineEnds = chunks.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
      assert.ok(said + dropped <= sent && said + dropped + lineEnds >= sent);
    }),
    { numRuns },
  );
});
