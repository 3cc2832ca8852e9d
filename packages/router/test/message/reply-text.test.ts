import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeReply } from '../../src/message/reply-text.ts';

test('A reply of several lines becomes one line with its codes', () => {
  const reply = { code: 550, enhancedCode: '5.1.1', lines: ['No such user', '', 'here'] };
  assert.equal(describeReply(reply), '550 5.1.1 No such user here');
});

test('What is not printable is masked, so that a reply cannot forge a log line', () => {
  assert.equal(describeReply({ code: 451, lines: ['a\nb\u001b[31mü'] }), '451 a?b?[31m?');
});

test('A long reply is cut at 400 characters', () => {
  assert.equal(describeReply({ code: 451, lines: ['x'.repeat(5_000)] }).length, 400);
});

test('Whatever a reply holds, what is shown of it is one line of 400 printable characters at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 200 })),
      (code, lines) => {
        assert.match(describeReply({ code, lines }), /^[2-5]\d\d[\x20-\x7e]{0,397}$/);
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  );
});
