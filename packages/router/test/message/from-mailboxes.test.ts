import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromMailboxes, locateFromMailboxes } from '../../src/message/from-mailboxes.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) };

test('every form of a mailbox gives its address (RFC 5322 §3.4)', () => {
  for (const [value, addresses] of [
    ['a@example.com', ['a@example.com']],
    ['<a@example.com>', ['a@example.com']],
    ['Ann <a@example.com>', ['a@example.com']],
    ['"Ann, B." <a@example.com>', ['a@example.com']],
    ['John Q. Public <a@example.com>', ['a@example.com']],
    ['=?utf-8?Q?a=40evil.example?= <a@example.com>', ['a@example.com']],
    ['a@example.com (Ann (of \\) Ghent))', ['a@example.com']],
    ['(first) Ann\t(then) <a@example.com> (last)', ['a@example.com']],
    ['"a b@c"@example.com', ['"a b@c"@example.com']],
    ['a@[192.0.2.1]', ['a@[192.0.2.1]']],
    ['Jürgen <jürgen@bücher.example>', ['jürgen@bücher.example']],
    ['J\ufffdrg <a@example.com>', ['a@example.com']],
    ['a@x, B <b@y>,c@z', ['a@x', 'b@y', 'c@z']],
    ['team: a@x, B <b@y>;', ['a@x', 'b@y']],
    ['team: a@x;, c@z', ['a@x', 'c@z']],
  ] as const) {
    assert.deepEqual(fromMailboxes(value), addresses, value);
  }
});

test('what could be read in two ways is not understood', () => {
  for (const value of [
    '',
    'Ann',
    'a@evil.example <a@example.com>',
    'a@example.com <a@evil.example>',
    '<a@example.com> <a@evil.example>',
    '<a@example.com',
    'a@example.com>',
    'a@example.com b@evil.example',
    'a@example.com,',
    ',a@example.com',
    'a@example.com,,b@example.com',
    'a@example.com; b@evil.example',
    '<@evil.example:a@example.com>',
    'a@b@example.com',
    'a @example.com',
    'a(comment)@example.com',
    'a@example .com',
    '"a"b@example.com',
    'a..b@example.com',
    '.a@example.com',
    'a@example.com.',
    '"Ann <a@example.com>',
    'a@example.com (open',
    'team:;',
    'team: a@x',
    'team: inner: a@x;;',
    'a@exam\ufffdple.com',
    'a\u0000@example.com',
    `${'a'.repeat(310)}@example.com`,
  ]) {
    assert.equal(fromMailboxes(value), undefined, value);
  }
});

test('positions are those of the bytes, folding and foreign bytes included', () => {
  const value = Buffer.from(' M\xfcller\r\n (c) <a@x>,\r\n\t"q\r\n r" <j\xc3\xbc@y>\r\n ', 'latin1');
  const mailboxes = locateFromMailboxes(value);
  assert.deepEqual(mailboxes, [
    { address: 'a@x', start: 15, end: 18 },
    { address: 'jü@y', start: 32, end: 37 },
  ]);
  for (const { address, start, end } of mailboxes ?? []) {
    assert.equal(value.subarray(start, end).toString(), address);
  }
});

test('a line end that folds nothing is not understood', () => {
  for (const value of ['a@x\r\n', 'a\r@x', '\ra@x', '"\r\n" <a@x>', 'a@x\r\r\n b', 'a\n@x']) {
    assert.equal(locateFromMailboxes(Buffer.from(value)), undefined, JSON.stringify(value));
  }
});

test('any bytes give mailboxes in order or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      let last = 0;
      for (const { start, end } of locateFromMailboxes(bytes) ?? []) {
        assert.ok(start >= last && end > start && end <= bytes.length);
        last = end;
      }
    }),
    RUNS,
  );
});

test('a list that was written is read back, whatever the names say', () => {
  const address = fc
    .tuple(fc.stringMatching(/^[a-z+]{1,8}(\.[a-z]{1,4})?$/), fc.stringMatching(/^[a-z]{1,8}\.[a-z]{2,3}$/))
    .map(([localPart, domain]) => `${localPart}@${domain}`);
  const quoted = fc
    .string({ unit: fc.constantFrom('<', '>', '@', ',', '"', '\\', ' ', 'é', ';', ':', '(', 'x') })
    .map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`);
  const mailbox = fc.tuple(fc.option(quoted), address);
  fc.assert(
    fc.property(fc.array(mailbox, { minLength: 1, maxLength: 5 }), (mailboxes) => {
      const text = mailboxes.map(([name, inner]) => (name === null ? inner : `${name} <${inner}>`));
      assert.deepEqual(
        fromMailboxes(text.join(', ')),
        mailboxes.map(([, inner]) => inner),
      );
    }),
    RUNS,
  );
});

test('any text gives a list or nothing, and every address of a list stands in the text', () => {
  const unit = fc.constantFrom('a', '.', '@', '<', '>', ',', ';', ':', '"', '\\', '(', ')', ' ', '[', ']');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      for (const address of fromMailboxes(text) ?? []) assert.ok(text.includes(address));
    }),
    RUNS,
  );
});

test('a field of the full 64 KiB is read once, however it is made', () => {
  const kib64 = 65_536;
  for (const piece of ['(', ')', '"', '"\\', 'a', 'a.', 'a@', '<', 'x:', 'a,', ' ', 'a ']) {
    assert.equal(fromMailboxes(piece.repeat(kib64 / piece.length)), undefined, piece);
  }
});
