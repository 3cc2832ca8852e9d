import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from '../../src/hclog/line-splitter.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const numRuns = fuzzRuns(200);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** All pieces of the chunks as `position:text`. */
function split(chunks: readonly Uint8Array[], maxLineBytes: number): string[] {
  const splitter = new LineSplitter({ maxLineBytes });
  const pieces: string[] = [];
  const collect = (given: ReturnType<LineSplitter['push']>): void => {
    for (const piece of given)
      pieces.push(`${piece.position}:${Buffer.from(piece.bytes).toString('latin1')}`);
  };
  for (const chunk of chunks) {
    collect(splitter.push(chunk));
    assert.ok(splitter.bufferedBytes <= maxLineBytes);
  }
  collect(splitter.end());
  return pieces;
}

test('lines end at LF, a CR before it is dropped, and a last line needs no end', () => {
  assert.deepEqual(split([bytes('a\nb\r\n\nc')], 100), ['whole:a', 'whole:b', 'whole:', 'whole:c']);
});

test('a line of exactly the limit is whole, one byte more comes in pieces', () => {
  assert.deepEqual(split([bytes('abcd\n')], 4), ['whole:abcd']);
  assert.deepEqual(split([bytes('abcde\nf\n')], 4), ['first:abcd', 'last:e', 'whole:f']);
  assert.deepEqual(split([bytes('abcdefghi')], 4), ['first:abcd', 'middle:efgh', 'last:i']);
});

test('lines do not depend on how the bytes are cut', () => {
  const text = fc
    .array(fc.constantFrom(97, 98, 10, 13), { maxLength: 80 })
    .map((codes) => Uint8Array.from(codes));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (input, step) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < input.length; at += step) chunks.push(input.subarray(at, at + step));
      assert.deepEqual(split(chunks, 7), split([input], 7));
    }),
    { numRuns },
  );
});

test('nothing but line ends is lost', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      const pieces = split([input], 16);
      const kept = pieces.map((piece) => piece.replace(/^\w+:/, '')).join('');
      const expected = Buffer.from(input)
        .toString('latin1')
        .replace(/[\r\n]/g, '');
      assert.equal(kept.replace(/\r/g, ''), expected);
    }),
    { numRuns },
  );
});

test('10 MiB without a line end never hold more than one limit', () => {
  const splitter = new LineSplitter();
  const chunk = new Uint8Array(16_384).fill(97);
  let pieces = 0;
  for (let sent = 0; sent < 10 * 1024 * 1024; sent += chunk.length) {
    pieces += splitter.push(chunk).length;
    assert.ok(splitter.bufferedBytes <= 65_536);
  }
  assert.equal(pieces, 159);
});
