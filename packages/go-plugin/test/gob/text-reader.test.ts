import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TextReader } from '../../src/gob/text-reader.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '�', '\0', '~'), maxLength: 70 }),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
);

describe('TextReader', () => {
  it('reads every text as it was written, however often and in whatever order', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (texts) => {
        const reader = new TextReader();
        for (const written of [...texts, ...texts.toReversed()]) {
          const bytes = Buffer.from(`<${written}>`);
          assert.equal(reader.read(bytes, 1, bytes.length - 1), Buffer.from(written).toString());
        }
      }),
      { numRuns: fuzzRuns(300) },
    );
  });

  it('reads bytes that are no UTF-8 as U+FFFD, also after a text as long', () => {
    const reader = new TextReader();
    assert.equal(reader.read(Buffer.from('ab'), 0, 2), 'ab');
    assert.equal(reader.read(Buffer.from([0x61, 0xe2]), 0, 2), 'a\ufffd');
    assert.equal(reader.read(Buffer.from([0xff, 0x62]), 0, 2), '\ufffdb');
    assert.equal(reader.read(Buffer.from('ab'), 0, 2), 'ab');
  });
});
