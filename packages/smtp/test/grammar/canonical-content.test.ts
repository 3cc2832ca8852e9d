import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { measureCanonical } from '../../src/grammar/canonical-content.ts';
import { DotStuffer } from '../../src/grammar/dot-stuffer.ts';
import { bytesOf, cutBy, cuts, everyDoubleSplit, fuzzRuns } from '../support/chunks.ts';

test('The size is what the pieces hold', () => {
  assert.equal(measureCanonical([]), 0);
  for (const pieces of everyDoubleSplit(bytesOf('a\r\n.\r\n\0\xff\r\nend'))) {
    assert.equal(measureCanonical(pieces), 13);
  }
});

test('Smuggling out: a CR or LF alone is refused wherever the pieces are cut', () => {
  for (const text of ['a\nb\r\n', 'a\rb\r\n', 'a\r\r\n', 'a\r', '\n', 'a\r\n\n']) {
    for (const pieces of everyDoubleSplit(bytesOf(text))) {
      assert.throws(() => measureCanonical(pieces), { code: 'SMTP_CONTENT_NOT_CANONICAL' });
    }
  }
});

test('What may leave in a chunk is what may leave by DATA', () => {
  const text = fc
    .array(fc.constantFrom('\r\n', '\r', '\n', '.', '\0', 'text', '\xff'), { maxLength: 20 })
    .map((parts) => bytesOf(parts.join('')));
  fc.assert(
    fc.property(text, cuts, (bytes, sizes) => {
      const pieces = cutBy(bytes, sizes);
      assert.equal(
        isRefused(() => measureCanonical(pieces)),
        isRefused(() => stuff(pieces)),
      );
    }),
    { numRuns: fuzzRuns(400) },
  );
});

function stuff(pieces: readonly Uint8Array[]): void {
  const stuffer = new DotStuffer();
  for (const piece of pieces) stuffer.stuff(piece);
  stuffer.finish();
}

function isRefused(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
