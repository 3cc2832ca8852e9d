import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatReply } from '../../src/grammar/format-reply.ts';
import type { SmtpReply } from '../../src/grammar/reply.ts';
import { type ReplyLimits, type ReplyRead, ReplyReader } from '../../src/grammar/reply-reader.ts';
import { byteByByte, bytesOf, cutBy, cuts, everyDoubleSplit, fuzzRuns } from '../support/chunks.ts';

/** Replies up to the first fault, which comes as its code. */
function read(chunks: Iterable<Uint8Array>, limits: ReplyLimits = {}): readonly (SmtpReply | string)[] {
  const reader = new ReplyReader(limits);
  const results: (SmtpReply | string)[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let result = reader.next(); result.kind !== 'need-more'; result = reader.next()) {
      if (result.kind === 'fault') return [...results, result.code];
      results.push(result.reply);
    }
  }
  return results;
}

const SAMPLES: readonly (readonly [string, readonly (SmtpReply | string)[]])[] = [
  ['250 Ok\r\n', [{ code: 250, lines: ['Ok'] }]],
  ['250\r\n', [{ code: 250, lines: [''] }]],
  ['250 \r\n', [{ code: 250, lines: [''] }]],
  [
    '250-a\r\n250-\r\n250 b\r\n221 c\r\n',
    [
      { code: 250, lines: ['a', '', 'b'] },
      { code: 221, lines: ['c'] },
    ],
  ],
  ['550 5.1.1 No\r\n', [{ code: 550, enhancedCode: '5.1.1', lines: ['No'] }]],
  ['550-5.1.1 No\r\n550 5.1.1 such\r\n', [{ code: 550, enhancedCode: '5.1.1', lines: ['No', 'such'] }]],
  ['250 2.0.0\r\n', [{ code: 250, enhancedCode: '2.0.0', lines: [''] }]],
  ['250 5.1.1 odd\r\n', [{ code: 250, lines: ['5.1.1 odd'] }]],
  ['354 3.0.0 go\r\n', [{ code: 354, lines: ['3.0.0 go'] }]],
  ['220 a\tb\x1b[2Jc\r\n', [{ code: 220, lines: ['a?b?[2Jc'] }]],
  ['220 caf\xc3\xa9 \xff\r\n', [{ code: 220, lines: ['café \ufffd'] }]],
  ['250-a\r\n251 b\r\n', ['SMTP_REPLY_MALFORMED']],
  ['199 a\r\n', ['SMTP_REPLY_MALFORMED']],
  ['600 a\r\n', ['SMTP_REPLY_MALFORMED']],
  ['25 a\r\n', ['SMTP_REPLY_MALFORMED']],
  ['2500 a\r\n', ['SMTP_REPLY_MALFORMED']],
  ['250_a\r\n', ['SMTP_REPLY_MALFORMED']],
  ['HTTP/1.1 400\r\n', ['SMTP_REPLY_MALFORMED']],
  ['\r\n', ['SMTP_REPLY_MALFORMED']],
  ['250 a\n', ['SMTP_REPLY_MALFORMED']],
  ['250 a\rb\r\n', ['SMTP_REPLY_MALFORMED']],
  ['\x15\x03\x01\x00\x02\x02\x16\r\n', ['SMTP_REPLY_MALFORMED']],
];

for (const [text, expected] of SAMPLES) {
  test(`${JSON.stringify(text)} is read as it should be, however it is cut (RFC 5321 §4.2)`, () => {
    const bytes = bytesOf(text);
    assert.deepEqual(read([bytes]), expected);
    for (const chunks of everyDoubleSplit(bytes)) assert.deepEqual(read(chunks), expected);
    assert.deepEqual(read(byteByByte(bytes)), expected);
  });
}

test('A reply of 100 lines is read, one of 101 is not', () => {
  const lines = (count: number): Uint8Array => bytesOf(`${'250-x\r\n'.repeat(count - 1)}250 x\r\n`);
  assert.equal((read([lines(100)])[0] as SmtpReply).lines.length, 100);
  assert.deepEqual(read([lines(101)]), ['SMTP_REPLY_TOO_LONG']);
});

test('A reply of 64 KiB is read, one byte more is not', () => {
  const line = (length: number): Uint8Array => bytesOf(`250 ${'x'.repeat(length - 6)}\r\n`);
  assert.equal((read([line(65_536)])[0] as SmtpReply).code, 250);
  for (const sizes of [[65_536], [1_000]]) {
    assert.deepEqual(read(cutBy(line(65_537), sizes)), ['SMTP_REPLY_TOO_LONG']);
  }
});

test('A line without end is refused at the limit, not kept', () => {
  const reader = new ReplyReader({ maxReplyBytes: 1_000 });
  let result: ReplyRead = { kind: 'need-more' };
  for (let turn = 0; turn < 11; turn += 1) {
    reader.push(bytesOf('2'.repeat(100)));
    result = reader.next();
  }
  assert.equal(result.kind === 'fault' && result.code, 'SMTP_REPLY_TOO_LONG');
  reader.push(bytesOf('250 Ok\r\n'));
  assert.deepEqual(reader.next(), result);
  assert.equal(reader.hasUnread, false);
});

test('Limits count each reply for itself', () => {
  const many = read([bytesOf('250 0123456789\r\n'.repeat(1_000))], { maxReplyBytes: 20, maxReplyLines: 1 });
  assert.equal(many.length, 1_000);
});

test('Half a reply is told as unread, in whatever part it stops', () => {
  for (const text of ['2', '250 a', '250 a\r', '250-a\r\n', '250-a\r\n2']) {
    const reader = new ReplyReader();
    reader.push(bytesOf(text));
    reader.next();
    assert.equal(reader.hasUnread, true, text);
  }
});

test('What one side formats the other reads', () => {
  // A text that begins like an enhanced code is read as one: nothing tells them apart (RFC 2034 §3).
  const line = fc
    .string({ unit: fc.constantFrom('a', ' ', '-', '5', '.', '?'), maxLength: 20 })
    .filter((text) => !/^5\.[0-9]+\.[0-9]+(?: |$)/.test(text));
  const reply = fc.record({
    code: fc.constantFrom(220, 250, 354, 421, 450, 550),
    lines: fc.array(line, { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(reply, cuts, (sent, sizes) => {
      assert.deepEqual(read(cutBy(formatReply(sent), sizes)), [{ ...sent }]);
    }),
    { numRuns: fuzzRuns() },
  );
});

test('Any bytes in any cuts give replies or one fault, the same each time', () => {
  const text = fc.array(
    fc.constantFrom('2', '5', '250', '250-', ' ', '-', '\r\n', '\r', '\n', 'x', '\0', '\xff', '250 Ok\r\n'),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(text, cuts, (words, sizes) => {
      const bytes = bytesOf(words.join(''));
      const limits = { maxReplyBytes: 60, maxReplyLines: 3 };
      const whole = read([bytes], limits);
      const cut = read(cutBy(bytes, sizes), limits);
      // A line that is too long may be malformed as well: which is seen first depends on the cuts.
      assert.deepEqual(cut.map(kindOf), whole.map(kindOf));
    }),
    { numRuns: fuzzRuns(400) },
  );
});

function kindOf(result: SmtpReply | string): SmtpReply | 'fault' {
  return typeof result === 'string' ? 'fault' : result;
}

test('Nothing in the text of a reply makes a line, moves a cursor or turns the direction of writing', () => {
  const reader = new ReplyReader();
  reader.push(Buffer.from('250 a\u001b[2Jb\u0085c\u2028d\u2029e\u202ef\u2066g\u009bh\u00e9\r\n'));
  const read = reader.next();
  assert.deepEqual(read.kind === 'reply' && read.reply.lines, ['a?[2Jb?c?d?e?f?g?h\u00e9']);
});
