import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkReader } from '../../src/grammar/chunk-reader.ts';
import type { ContentFault } from '../../src/grammar/content-fault.ts';
import { type ContentLimits, ContentReader } from '../../src/grammar/content-reader.ts';
import { bytesOf, cutBy, cuts, everyDoubleSplit, everySplit, fuzzRuns, textOf } from '../support/chunks.ts';

/** What content came to. */
interface Reading {
  readonly content: string;
  readonly fault: ContentFault | undefined;
  readonly sizeBytes: number;
}

/** Reads chunks, each one cut as given. Of faulty content nothing but the fault counts. */
function readChunks(chunks: Iterable<readonly Uint8Array[]>, limits?: ContentLimits): Reading {
  const reader = new ChunkReader(limits);
  let content = '';
  for (const pieces of chunks) {
    reader.begin(pieces.reduce((sum, piece) => sum + piece.length, 0));
    for (const piece of pieces) content += textOf(reader.read(piece).content);
  }
  reader.finish();
  const { fault, sizeBytes } = reader;
  return { content: fault === undefined ? content : '', fault, sizeBytes };
}

const whole = (bytes: Uint8Array, limits?: ContentLimits): Reading => readChunks([[bytes]], limits);

test('Bytes pass as they are: dots, an end of data, commands, bytes above 127, no line end at the end', () => {
  for (const text of ['.\r\n', '.', '..\r\n.\r\nQUIT\r\n', 'a\r\n.\r\nMAIL FROM:<a@b>\r\n', '\xff\x01', '']) {
    assert.deepEqual(whole(bytesOf(text)), { content: text, fault: undefined, sizeBytes: text.length });
  }
});

test('Content passes as a view of what was received, at most to the end of the chunk', () => {
  const reader = new ChunkReader();
  const bytes = bytesOf('line\r\nNOOP\r\n');
  reader.begin(6);
  const read = reader.read(bytes);
  assert.equal(read.consumed, 6);
  assert.equal(read.isEnd, true);
  assert.equal(read.content.buffer, bytes.buffer);
  assert.equal(textOf(read.content), 'line\r\n');
});

const FAULTS: readonly (readonly [string, ContentFault])[] = [
  ['a\nb\r\n', 'bare-lf'],
  ['\n', 'bare-lf'],
  ['a\rb\r\n', 'bare-cr'],
  ['a\r\r\n', 'bare-cr'],
  ['a\r', 'bare-cr'],
  ['a\0b\r\n', 'nul'],
  ['a\0b\rc\nd', 'bare-lf'],
  ['a\r\n\n', 'bare-lf'],
];

test('Bare CR, bare LF and NUL are faults wherever chunks and pieces are cut', () => {
  for (const [text, fault] of FAULTS) {
    const bytes = bytesOf(text);
    for (const pieces of everyDoubleSplit(bytes)) {
      assert.equal(readChunks([pieces]).fault, fault, JSON.stringify(text));
      assert.equal(readChunks(pieces.map((piece) => [piece])).fault, fault, JSON.stringify(text));
    }
  }
});

test('A CRLF may lie across two chunks, and across empty ones', () => {
  for (const [left, right] of everySplit(bytesOf('a\r\nb\r\n\r\n'))) {
    const empty = new Uint8Array();
    assert.equal(readChunks([[left!], [empty], [right!]]).fault, undefined);
  }
});

test('The size that counts is the announced one: a chunk beyond the limit is known before its bytes', () => {
  const reader = new ChunkReader({ maxContentBytes: 10 });
  reader.begin(10);
  assert.equal(reader.isTooLarge, false);
  reader.read(new Uint8Array(10).fill(0x61));
  reader.begin(1);
  assert.equal(reader.isTooLarge, true);
  assert.equal(reader.fault, 'too-large');
  assert.equal(reader.read(bytesOf('x')).content.length, 0);
});

test('Bytes above 127 are a fault where they were not announced', () => {
  assert.equal(whole(bytesOf('\xe4'), { isEightBitAllowed: false }).fault, 'eight-bit');
});

/** Text with many line ends, whole and broken, dots and NULs. */
const text = fc
  .array(fc.constantFrom('\r\n', '\r', '\n', '.', '\0', 'a', 'text', '\xff', 'QUIT\r\n', '\r\n.\r\n'), {
    maxLength: 30,
  })
  .map((parts) => bytesOf(parts.join('')));

test('How content is cut into chunks and pieces changes nothing', () => {
  fc.assert(
    fc.property(text, cuts, cuts, (bytes, chunkSizes, pieceSizes) => {
      const chunks = cutBy(bytes, chunkSizes).map((chunk) => cutBy(chunk, pieceSizes));
      assert.deepEqual(readChunks(chunks), whole(bytes));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});

test('Content has the same faults in chunks as after DATA, and the same bytes', () => {
  fc.assert(
    fc.property(text, (bytes) => {
      const content = bytesOf(`${textOf(bytes)}\r\n`);
      const stuffed = textOf(content).replace(/(^|\r\n)\./g, '$1..');
      const reader = new ContentReader();
      const read = reader.read(bytesOf(`${stuffed}.\r\n`));
      assert.equal(read.isEnd, true);
      const { fault, content: chunked } = whole(content);
      assert.equal(fault, reader.fault);
      assert.equal(chunked, textOf(read.content));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
