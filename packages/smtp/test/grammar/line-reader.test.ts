import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineReader } from '../../src/grammar/line-reader.ts';
import { byteByByte, bytesOf, cutBy, cuts, everyDoubleSplit, fuzzRuns, textOf } from '../support/chunks.ts';

/** Lines as text, faults by name; nothing is read behind a bare newline. */
function read(
  chunks: Iterable<Uint8Array>,
  maxLineBytes = 100,
  endlessBytes = Number.POSITIVE_INFINITY,
): readonly string[] {
  const reader = new LineReader(maxLineBytes, endlessBytes);
  const results: string[] = [];
  for (const chunk of chunks) {
    let rest = chunk;
    while (rest.length > 0) {
      const result = reader.read(rest);
      rest = rest.subarray(result.consumed);
      if (result.kind === 'line') results.push(`line ${textOf(result.line)}`);
      if (result.kind === 'fault') results.push(result.fault);
      if (result.kind === 'fault' && result.fault !== 'too-long') return results;
    }
  }
  return results;
}

const SAMPLES: readonly (readonly [string, readonly string[]])[] = [
  ['a\r\nbc\r\n\r\nrest', ['line a', 'line bc', 'line ']],
  ['a\nb\r\n', ['bare-lf']],
  ['a\r\nb\rc\r\n', ['line a', 'bare-cr']],
  ['\r\r\n', ['bare-cr']],
  ['1234567890\r\n12345678\r\n', ['too-long', 'line 12345678']],
  ['123456789\r\n12345678\r\n', ['too-long', 'line 12345678']],
  ['12345678901234\n', ['bare-lf']],
];

for (const [text, expected] of SAMPLES) {
  test(`Lines end with CRLF only, and within the limit: ${JSON.stringify(text)} (RFC 5321 §2.3.8)`, () => {
    const bytes = bytesOf(text);
    assert.deepEqual(read([bytes], 10), expected);
    for (const chunks of everyDoubleSplit(bytes)) assert.deepEqual(read(chunks, 10), expected);
    assert.deepEqual(read(byteByByte(bytes), 10), expected);
  });
}

test('Any bytes in any cuts give the same lines', () => {
  const text = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '\r\n', 'words of a line', '\0'), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, cuts, (words, sizes) => {
      const bytes = bytesOf(words.join(''));
      assert.deepEqual(read(cutBy(bytes, sizes), 12), read([bytes], 12));
    }),
    { numRuns: fuzzRuns(400) },
  );
});

test('A line without end is dropped at the limit and told as overflowing', () => {
  const reader = new LineReader(1_000);
  for (let turn = 0; turn < 100; turn += 1) reader.read(bytesOf('x'.repeat(100)));
  assert.equal(reader.isOverflowing, true);
  assert.deepEqual(reader.read(bytesOf('\r\nok\r\n')), { kind: 'fault', fault: 'too-long', consumed: 2 });
  assert.equal(reader.isInLine, false);
});

test('A line that goes on beyond all measure is a fault at the same byte, however it is cut', () => {
  const text = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', 'words of a line', 'x'.repeat(18)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, cuts, (words, sizes) => {
      const bytes = bytesOf(words.join(''));
      assert.deepEqual(read(cutBy(bytes, sizes), 12, 20), read([bytes], 12, 20));
    }),
    { numRuns: fuzzRuns(400) },
  );
  assert.deepEqual(new LineReader(12, 20).read(bytesOf('x'.repeat(30))), {
    kind: 'fault',
    fault: 'endless',
    consumed: 20,
  });
  const longest = bytesOf(`${'x'.repeat(18)}\r\n`);
  assert.deepEqual(new LineReader(12, 20).read(longest), { kind: 'fault', fault: 'too-long', consumed: 20 });
});
