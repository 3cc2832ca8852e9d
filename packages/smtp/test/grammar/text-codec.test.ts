import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../src/grammar/text-codec.ts';
import { fuzzRuns } from '../support/chunks.ts';

const SAMPLES = [
  '',
  'plain',
  '\u00fc',
  '\u{1f600}',
  '\ufeffx',
  'x'.repeat(511),
  'x'.repeat(512),
  'x'.repeat(513),
];

test('A text and its bytes, short and long, are the same (RFC 3629)', () => {
  for (const text of [...SAMPLES, ...SAMPLES.map((sample) => `${sample}\u00e9`)]) {
    assert.deepEqual(Buffer.from(encodeUtf8(text)), Buffer.from(text));
    assert.equal(decodeUtf8(Buffer.from(text)), text);
  }
});

test('Any bytes are a text with exactly these bytes, or no text', () => {
  const piece = fc.constantFrom(
    0x00,
    0x41,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xed,
    0xa0,
    0xef,
    0xbb,
    0xf0,
    0xf4,
    0xff,
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.array(piece, { maxLength: 12 }).map((codes) => Uint8Array.from(codes)),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const text = decodeUtf8(some);
      if (text === undefined)
        assert.notDeepEqual(Buffer.from(Buffer.from(some).toString()), Buffer.from(some));
      else assert.deepEqual(Buffer.from(encodeUtf8(text)), Buffer.from(some));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
