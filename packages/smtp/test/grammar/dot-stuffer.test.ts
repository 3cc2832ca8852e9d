import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentReader } from '../../src/grammar/content-reader.ts';
import { DotStuffer } from '../../src/grammar/dot-stuffer.ts';
import { byteByByte, bytesOf, cutBy, cuts, everyDoubleSplit, fuzzRuns, textOf } from '../support/chunks.ts';

function stuff(chunks: Iterable<Uint8Array>): string {
  const stuffer = new DotStuffer();
  let text = '';
  for (const chunk of chunks) for (const piece of stuffer.stuff(chunk)) text += textOf(piece);
  return text + textOf(stuffer.finish());
}

const SAMPLES = {
  nothing: ['', '.\r\n'],
  'a lone dot': ['.\r\n', '..\r\n.\r\n'],
  'a line that begins with dots': ['a\r\n..b\r\n', 'a\r\n...b\r\n.\r\n'],
  'dots elsewhere': ['a.b\r\n .\r\n', 'a.b\r\n .\r\n.\r\n'],
  'a last line without CRLF': ['a\r\n.b', 'a\r\n..b\r\n.\r\n'],
  'a dot as the last byte': ['a\r\n.', 'a\r\n..\r\n.\r\n'],
  'empty lines': ['\r\n\r\n', '\r\n\r\n.\r\n'],
} as const;

for (const [name, [content, stuffed]] of Object.entries(SAMPLES)) {
  test(`Dot-stuffing of ${name} does not depend on the cuts (RFC 5321 §4.5.2)`, () => {
    const bytes = bytesOf(content);
    assert.equal(stuff([bytes]), stuffed);
    for (const chunks of everyDoubleSplit(bytes)) assert.equal(stuff(chunks), stuffed);
    assert.equal(stuff(byteByByte(bytes)), stuffed);
  });
}

for (const content of ['a\nb\r\n', 'a\rb\r\n', '\n', '\r\r\n', 'a\r\n\n', 'a\r\n.\nb\r\n', 'a\r']) {
  test(`Content with a bare newline is not sent: ${JSON.stringify(content)}`, () => {
    for (const chunks of everyDoubleSplit(bytesOf(content))) {
      assert.throws(() => stuff(chunks), { code: 'SMTP_CONTENT_NOT_CANONICAL' });
    }
  });
}

test('A chunk without dots at line starts is passed on itself', () => {
  const chunk = bytesOf('a.b\r\nc\r\n');
  assert.deepEqual(new DotStuffer().stuff(chunk), [chunk]);
});

test('A few dots lead to views of the chunk, many to one copy', () => {
  const few = bytesOf('.a\r\n.b\r\n');
  for (const piece of new DotStuffer().stuff(few)) assert.equal(piece.buffer, few.buffer);
  const many = new DotStuffer().stuff(bytesOf('.\r\n'.repeat(10_000)));
  assert.equal(many.length, 1);
  assert.equal(textOf(many[0]!), '..\r\n'.repeat(10_000));
});

test('What was stuffed and cut anyhow is read back byte for byte', () => {
  const line = fc.array(fc.constantFrom('.', '..', 'a', '\xe9', ' ', 'long words of text'), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), cuts, cuts, (lines, writeCuts, readCuts) => {
      const content = lines.map((words) => `${words.join('')}\r\n`).join('');
      const wire = stuff(cutBy(bytesOf(content), writeCuts));
      const reader = new ContentReader();
      let back = '';
      let isEnd = false;
      for (const chunk of cutBy(bytesOf(wire), readCuts)) {
        assert.equal(isEnd, false);
        const read = reader.read(chunk);
        back += textOf(read.content);
        isEnd = read.isEnd;
      }
      assert.equal(back, content);
      assert.equal(isEnd, true);
      assert.equal(reader.fault, undefined);
    }),
    { numRuns: fuzzRuns(600) },
  );
});
