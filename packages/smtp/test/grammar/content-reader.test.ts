import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CONTENT_STEPS, type ContentLimits, ContentReader } from '../../src/grammar/content-reader.ts';
import { byteByByte, bytesOf, cutBy, cuts, everyDoubleSplit, fuzzRuns, textOf } from '../support/chunks.ts';

interface Reading {
  readonly content: string;
  readonly fault: string | undefined;
  readonly sizeBytes: number;
  /** What follows the end of data; undefined = the end was not found. */
  readonly rest: string | undefined;
}

function read(chunks: Iterable<Uint8Array>, limits: ContentLimits = {}): Reading {
  const reader = new ContentReader(limits);
  let content = '';
  let rest: string | undefined;
  for (const chunk of chunks) {
    if (rest !== undefined) {
      rest += textOf(chunk);
      continue;
    }
    const result = reader.read(chunk);
    content += textOf(result.content);
    if (result.isEnd) rest = textOf(chunk.subarray(result.consumed));
  }
  const { fault, sizeBytes } = reader;
  // How much of faulty content is seen before the fault depends on the cuts, and does not matter.
  return { content: fault === undefined ? content : '', fault, sizeBytes, rest };
}

/** Every newline trick known from the smuggling reports; each must be a fault and none an end. */
const SMUGGLING = {
  'LF . LF': '\n.\n',
  'CR . CR': '\r.\r',
  'CRLF . LF': '\r\n.\n',
  'CRLF . CR': '\r\n.\r',
  'LF . CRLF': '\n.\r\n',
  'CR . CRLF': '\r.\r\n',
  'LF . CR': '\n.\r',
  'CR . LF': '\r.\n',
  'CRLF . CR CRLF': '\r\n.\r\r\n',
  'CR CRLF . CR CRLF': '\r\r\n.\r\r\n',
  'LF CR . LF CR': '\n\r.\n\r',
  'CRLF NUL . CRLF': '\r\n\0.\r\n',
  'CRLF . NUL CRLF': '\r\n.\0\r\n',
  'CR NUL LF . CRLF': '\r\0\n.\r\n',
} as const;

for (const [name, trick] of Object.entries(SMUGGLING)) {
  test(`Smuggling by ${name} ends nothing and is a fault, however it is cut (RFC 5321 §4.1.1.4)`, () => {
    const hidden = `a${trick}MAIL FROM:<b@c>\r\n`;
    const bytes = bytesOf(`${hidden}.\r\nQUIT\r\n`);
    const whole = read([bytes]);
    assert.equal(whole.rest, 'QUIT\r\n');
    assert.ok(['bare-cr', 'bare-lf', 'nul'].includes(whole.fault ?? ''), whole.fault);
    for (const chunks of everyDoubleSplit(bytes)) assert.deepEqual(read(chunks), whole);
    assert.deepEqual(read(byteByByte(bytes)), whole);
  });
}

/** No newline, to us: content like any other. */
for (const [name, character] of Object.entries({
  VT: '\x0b',
  FF: '\x0c',
  NEL: '\x85',
  'U+2028': '\xe2\x80\xa8',
})) {
  test(`${name} is no line end and no fault`, () => {
    const content = `a${character}.${character}\r\n`;
    const reading = read([bytesOf(`${content}.\r\n`)]);
    assert.deepEqual(reading, { content, fault: undefined, sizeBytes: content.length, rest: '' });
  });
}

const PLAIN = {
  'nothing at all': ['.\r\n', ''],
  'an empty line': ['\r\n.\r\n', '\r\n'],
  'a stuffed dot': ['..\r\n.\r\n', '.\r\n'],
  'a dot that should have been stuffed': ['.a\r\n.\r\n', 'a\r\n'],
  'dots within lines': ['a.\r\nb. .\r\n.\r\n', 'a.\r\nb. .\r\n'],
  'many stuffed lines': [`${'..x\r\n'.repeat(30)}.\r\n`, '.x\r\n'.repeat(30)],
  'three dots': ['...\r\n.\r\n', '..\r\n'],
} as const;

for (const [name, [sent, content]] of Object.entries(PLAIN)) {
  test(`Content of ${name} is read, however it is cut (RFC 5321 §4.5.2)`, () => {
    const bytes = bytesOf(`${sent}NOOP\r\n`);
    const expected = { content, fault: undefined, sizeBytes: content.length, rest: 'NOOP\r\n' };
    assert.deepEqual(read([bytes]), expected);
    for (const chunks of everyDoubleSplit(bytes)) assert.deepEqual(read(chunks), expected);
    assert.deepEqual(read(byteByByte(bytes)), expected);
  });
}

test('Every state takes every class of byte as the table says', () => {
  const prefixes = { 'line-start': '', text: 'a', cr: 'a\r', dot: '.', 'dot-cr': '.\r' } as const;
  const samples = { cr: '\r', lf: '\n', dot: '.', other: 'x' } as const;
  for (const [state, prefix] of Object.entries(prefixes)) {
    for (const [name, byte] of Object.entries(samples)) {
      const step = CONTENT_STEPS[state as keyof typeof prefixes][name as keyof typeof samples];
      const reader = new ContentReader();
      for (const chunk of byteByByte(bytesOf(prefix))) reader.read(chunk);
      const before = reader.sizeBytes;
      const { isEnd } = reader.read(bytesOf(byte));
      assert.equal(isEnd, step.next === 'end', `${state} ${name}`);
      assert.equal(reader.fault, step.fault, `${state} ${name}`);
      assert.equal(reader.sizeBytes - before, step.isRemoved === true ? 0 : 1, `${state} ${name}`);
    }
  }
});

test('The size limit counts content without stuffing, and reading goes on to the end (RFC 1870 §5)', () => {
  const bytes = bytesOf('..2345\r\n.\r\nRSET\r\n');
  assert.equal(read([bytes], { maxContentBytes: 7 }).fault, undefined);
  for (const chunks of everyDoubleSplit(bytes)) {
    const expected = { content: '', fault: 'too-large', sizeBytes: 7, rest: 'RSET\r\n' };
    assert.deepEqual(read(chunks, { maxContentBytes: 6 }), expected);
  }
});

test('Bytes above 127 are a fault only where they are not allowed (RFC 6152 §3)', () => {
  const bytes = bytesOf('abcdefg\xe9\r\n.\r\n');
  assert.equal(read([bytes]).fault, undefined);
  for (const chunks of everyDoubleSplit(bytes)) {
    assert.equal(read(chunks, { isEightBitAllowed: false }).fault, 'eight-bit');
  }
});

test('A smuggling attempt outranks every other fault, whichever came first', () => {
  const limits = { maxContentBytes: 1, isEightBitAllowed: false };
  for (const chunks of everyDoubleSplit(bytesOf('\xff\0abc\nd\re\r\n.\r\n'))) {
    assert.equal(read(chunks, limits).fault, 'bare-lf');
  }
});

test('Content without dots at line starts is passed on as a view, not copied', () => {
  const chunk = bytesOf('Subject: a\r\n\r\nbody. more.\r\n.\r\nQUIT\r\n');
  const { content } = new ContentReader().read(chunk);
  assert.equal(content.buffer, chunk.buffer);
});

test('A chunk leads to one piece of content however many dots were stuffed', () => {
  const { content } = new ContentReader().read(bytesOf('..\r\n'.repeat(10_000)));
  assert.equal(textOf(content), '.\r\n'.repeat(10_000));
});

/** Content by the words of the RFC: the first CRLF "." CRLF ends it, then one dot is taken off each line. */
function readNaively(text: string): Reading {
  const framed = `\r\n${text}`;
  const end = framed.indexOf('\r\n.\r\n');
  const seen = end === -1 ? text : text.slice(0, end);
  const fault = /(?<!\r)\n/.test(seen)
    ? 'bare-lf'
    : /\r(?!\n)/.test(seen)
      ? 'bare-cr'
      : /\0/.test(seen)
        ? 'nul'
        : undefined;
  const content = `\r\n${seen}`.replaceAll(/\r\n\.?/g, '\r\n').slice(2);
  const rest = end === -1 ? undefined : text.slice(end + 3);
  return { content: fault === undefined ? content : '', fault, sizeBytes: 0, rest };
}

test('Any bytes in any cuts are read as the words of the RFC say', () => {
  const nasty = fc.array(
    fc.constantFrom('\r', '\n', '.', 'a', '\0', '\xff', '\r\n', '\r\n.\r\n', 'line of text'),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(nasty, cuts, (words, sizes) => {
      // The end stands at the end of everything too, so that no input stops in the middle of a line.
      const text = `${words.join('')}x\r\n.\r\n`;
      const reading = read(cutBy(bytesOf(text), sizes));
      assert.deepEqual({ ...reading, sizeBytes: 0 }, readNaively(text));
      assert.deepEqual(reading, read([bytesOf(text)]));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
