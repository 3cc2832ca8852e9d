import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReply, formatReplyText } from '../../src/grammar/format-reply.ts';
import { textOf } from '../support/chunks.ts';

test('The code stands in every line, the enhanced code too (RFC 2034 §4)', () => {
  const text = textOf(formatReply({ code: 550, enhancedCode: '5.1.1', lines: ['No', 'such user'] }));
  assert.equal(text, '550-5.1.1 No\r\n550 5.1.1 such user\r\n');
});

test('A reply without lines is a reply with an empty one', () => {
  assert.equal(formatReplyText({ code: 250, lines: [] }), '250 \r\n');
});

test('354 has no enhanced code, nor has a reply one of another class (RFC 2034 §4)', () => {
  assert.equal(formatReplyText({ code: 354, enhancedCode: '2.0.0', lines: ['Go'] }), '354 Go\r\n');
  assert.equal(formatReplyText({ code: 450, enhancedCode: '5.1.1', lines: ['No'] }), '450 No\r\n');
  assert.equal(formatReplyText({ code: 550, enhancedCode: '5.1.1\r\n250', lines: ['No'] }), '550 No\r\n');
});

test('Nothing in a text can begin a new line or a control sequence', () => {
  const text = formatReplyText({ code: 550, lines: ['a\r\n250 b\0\x1b\x7f\x85é'] });
  assert.equal(text, '550 a??250 b?????\r\n');
});

test('A line has 512 octets at most (RFC 5321 §4.5.3.1.5)', () => {
  assert.equal(formatReplyText({ code: 250, lines: ['x'.repeat(1_000)] }).length, 512);
});
