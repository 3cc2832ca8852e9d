import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from '../../src/grammar/byte-queue.ts';
import { bytesOf, cutBy, cuts, fuzzRuns, textOf } from '../support/chunks.ts';

function queueOf(...texts: readonly string[]): ByteQueue {
  const queue = new ByteQueue();
  for (const text of texts) queue.push(bytesOf(text));
  return queue;
}

test('Plain lines of one chunk are taken one by one, without their CRLF', () => {
  const queue = queueOf('250 a\r\n\r\n250 b\r\nrest');
  assert.equal(queue.takePlainLine(), '250 a');
  assert.equal(queue.takePlainLine(), '');
  assert.equal(queue.takePlainLine(), '250 b');
  assert.equal(queue.takePlainLine(), undefined);
  assert.equal(textOf(queue.peek() ?? new Uint8Array()), 'rest');
});

for (const text of [
  'no end',
  'lf\n',
  'cr\rx',
  'cr at the end\r',
  'tab\t\r\n',
  'nul\0\r\n',
  'é\r\n',
  '\x7f\r\n',
]) {
  test(`${JSON.stringify(text)} is no plain line, and stays`, () => {
    const queue = queueOf(text);
    assert.equal(queue.takePlainLine(), undefined);
    assert.equal(textOf(queue.peek() ?? new Uint8Array()), text);
  });
}

test('A line of 510 octets is plain, a longer one is not, in short and in long chunks', () => {
  for (const behind of ['', 'x'.repeat(1_000)]) {
    assert.equal(queueOf(`${'a'.repeat(510)}\r\n${behind}`).takePlainLine()?.length, 510);
    assert.equal(queueOf(`${'a'.repeat(511)}\r\n${behind}`).takePlainLine(), undefined);
  }
});

test('What stands elsewhere in the chunk does not change a line', () => {
  for (const behind of ['\xff\xfe', '\xc3\xa9', '\xef\xbb\xbf', '\xf0\x9f\x98\x80', '\xe2\x82']) {
    for (const text of [`RSET\r\n${behind}`, `RSET\r\n${behind}${'\xff'.repeat(600)}`]) {
      const taken = queueOf(text).takePlainLine();
      assert.ok(taken === 'RSET' || taken === undefined, taken);
    }
  }
  const bom = queueOf('\xef\xbb\xbfRSET\r\n');
  bom.skip(3);
  assert.ok([undefined, 'RSET'].includes(bom.takePlainLine()));
});

test('The same bytes received again with another text are read anew', () => {
  const bytes = bytesOf('RSET\r\nNOOP\r\n');
  const queue = new ByteQueue();
  queue.push(bytes);
  assert.equal(queue.takePlainLine(), 'RSET');
  queue.skip(6);
  bytes.set(bytesOf('QUIT\r\nVRFY\r\n'));
  queue.push(bytes);
  assert.equal(queue.takePlainLine(), 'QUIT');
});

test('Lines and bytes taken by turns are all that was pushed, in order', () => {
  const word = fc.constantFrom('MAIL', ' ', '\r\n', 'é', '\xff', '\0', '\r', '\n', 'x'.repeat(300));
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 20 }),
      cuts,
      fc.infiniteStream(fc.boolean()),
      (words, sizes, isByte) => {
        const text = words.join('');
        const queue = new ByteQueue();
        for (const chunk of cutBy(bytesOf(text), sizes)) queue.push(chunk);
        let taken = '';
        while (!queue.isEmpty) {
          const line = isByte.next().value === true ? undefined : queue.takePlainLine();
          const byte = queue.peek()?.subarray(0, 1) ?? new Uint8Array();
          if (line === undefined) queue.skip(1);
          taken += line === undefined ? textOf(byte) : `${line}\r\n`;
        }
        assert.equal(taken, text);
      },
    ),
    { numRuns: fuzzRuns(300) },
  );
});
