import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromMailboxes } from '../../src/message/from-mailboxes.ts';
import { rewriteFrom } from '../../src/message/from-rewrite.ts';
import { HeaderFields } from '../../src/message/header-fields.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import { RewrittenBody } from '../../src/message/rewritten-body.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

/** The message after rewriting to new@own.example, or why it cannot be. */
function rewritten(text: string): string {
  const body = createMemoryBody([Buffer.from(text, 'latin1')]);
  const section = body.headerSection;
  const rewrite = rewriteFrom(section, new HeaderFields(section), 'new@own.example');
  if (rewrite.kind === 'impossible') return rewrite.why;
  const pieces = new RewrittenBody(body, rewrite.edits).read();
  assert.ok(!(Symbol.asyncIterator in pieces));
  return Buffer.concat(pieces).toString('latin1');
}

test('only the address changes, and replies still reach the author', () => {
  for (const [field, expected] of [
    ['From: a@x', 'Reply-To: a@x\r\nFrom: new@own.example'],
    ['from:<a@x>', 'Reply-To: a@x\r\nfrom:<new@own.example>'],
    ['From : Ann <a@x>', 'Reply-To: a@x\r\nFrom : Ann <new@own.example>'],
    ['From: "a@x" <a@x> (a@x)', 'Reply-To: a@x\r\nFrom: "a@x" <new@own.example> (a@x)'],
    ['From: M\xfcller\r\n\t<a@x>', 'Reply-To: a@x\r\nFrom: M\xfcller\r\n\t<new@own.example>'],
    [
      'From:\r\n (a,\r\n b) "x\r\n y" <a@x>\t',
      'Reply-To: a@x\r\nFrom:\r\n (a,\r\n b) "x\r\n y" <new@own.example>\t',
    ],
    ['From: "a b"@x', 'Reply-To: "a b"@x\r\nFrom: new@own.example'],
    ['From: j\xc3\xbc@x', 'Reply-To: j\xc3\xbc@x\r\nFrom: new@own.example'],
    ['From: team: Ann <a@x>;', 'Reply-To: a@x\r\nFrom: team: Ann <new@own.example>;'],
    ['From: a@x\r\nReply-To: b@x', 'From: new@own.example\r\nReply-To: b@x'],
    ['Reply-To:\r\nFrom: a@x', 'Reply-To:\r\nFrom: new@own.example'],
    ['From: New <new@own.example>', 'From: New <new@own.example>'],
  ] as const) {
    assert.equal(
      rewritten(`A: 1\r\n${field}\r\nB: 2\r\n\r\nFrom: b@x\r\n`),
      `A: 1\r\n${expected}\r\nB: 2\r\n\r\nFrom: b@x\r\n`,
    );
  }
});

test('a From that leaves a doubt is not touched', () => {
  for (const [header, why] of [
    ['A: 1', 'it has no From field'],
    ['From: a@x\r\nFrom: a@x', 'it has several From fields'],
    ['From: a@x, b@x', 'its From field has several mailboxes'],
    ['From: Ann', 'its From field cannot be read without doubt'],
    ['From: a@x <b@x>', 'its From field cannot be read without doubt'],
    ['From: a\x00@x', 'its From field cannot be read without doubt'],
    ['From: a@x\rBcc: b@x', 'its From field cannot be read without doubt'],
    ['From: j\xfc@x', 'its From field cannot be read without doubt'],
    ['From:', 'its From field cannot be read without doubt'],
    [`From: a@x\r\nA: ${'x'.repeat(70_000)}`, 'its header section is too long'],
  ] as const) {
    assert.equal(rewritten(`${header}\r\n\r\nbody\r\n`), why);
  }
});

test('whatever surrounds the one address, every other byte of the message stays', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const address = fc.tuple(word, word).map(([localPart, domain]) => `${localPart}@${domain}.example`);
  const blank = fc.constantFrom('', ' ', '\t', '\r\n ', ' (a@b, "c\\) <d@e>) ', '\r\n\t (x\r\n y)\r\n ');
  const inner = fc.string({
    unit: fc.constantFrom('<', '@', ',', ' ', ';', ':', '(', 'x', '\xfc', '\\"', '\\\\', '\r\n '),
  });
  const name = fc.oneof(
    word,
    inner.map((text) => `"${text}"`),
    fc.constant('=?utf-8?Q?a=40b?='),
    fc.constant('John Q. Public'),
  );
  const mailbox = fc.oneof(
    fc.tuple(blank, fc.constant(''), blank),
    fc.tuple(
      fc.tuple(blank, name, blank).map((parts) => `${parts.join('')}<`),
      fc.constant('>'),
      blank,
    ),
  );
  const otherFields = fc.array(
    fc.constantFrom('To: from@x.example', 'X-From: b@x', 'Subject: a\r\n From: c@x'),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(
      mailbox,
      address,
      otherFields,
      otherFields,
      ([before, close, after], author, above, below) => {
        const around = (from: string): string =>
          `${[...above, 'Reply-To: r@x', `From:${before}${from}${close}${after}`, ...below].join('\r\n')}\r\n\r\nFrom: z@x\r\n`;
        assert.equal(rewritten(around(author)), around('new@own.example'));
      },
    ),
    RUNS,
  );
});

test('no bytes make it throw, and what was rewritten reads back as the new address alone', () => {
  const unit = fc.constantFrom(
    'From:',
    'Reply-To:',
    'a@x',
    '<',
    '>',
    ',',
    '"',
    '(',
    ')',
    '\\',
    ':',
    ';',
    '\r\n',
    '\n',
    ' ',
    '\x00',
    '\xff',
    '@',
    '.',
    '[',
    ']',
  );
  const text = fc.oneof(
    fc.string({ unit, maxLength: 40 }),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => `From: ${Buffer.from(bytes).toString('latin1')}`),
  );
  fc.assert(
    fc.property(text, (message) => {
      const section = Buffer.from(message, 'latin1');
      const rewrite = rewriteFrom(section, new HeaderFields(section), 'new@own.example');
      if (rewrite.kind === 'impossible') return;
      const after = new HeaderFields(
        new RewrittenBody(createMemoryBody([section]), rewrite.edits).headerSection,
      );
      assert.deepEqual(after.all('from').map(fromMailboxes), [['new@own.example']]);
      if (rewrite.edits.length > 0) assert.ok(after.count('reply-to') > 0);
    }),
    RUNS,
  );
});
