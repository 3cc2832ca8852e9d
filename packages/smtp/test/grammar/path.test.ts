import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatPath,
  isForwardPath,
  isReversePath,
  parseForwardPath,
  parsePath,
  parseReversePath,
} from '../../src/grammar/path.ts';
import { fuzzRuns } from '../support/chunks.ts';

/** Path, local-part, domain. */
const VALID: readonly (readonly [string, string, string])[] = [
  ['<a@b>', 'a', 'b'],
  ['<name@example.com>', 'name', 'example.com'],
  ['<Name.With-Dash+Tag_x@Sub.Example.COM>', 'Name.With-Dash+Tag_x', 'Sub.Example.COM'],
  ["<!#$%&'*+-/=?^_`{|}~@example.com>", "!#$%&'*+-/=?^_`{|}~", 'example.com'],
  ['<"quoted @ string"@example.com>', '"quoted @ string"', 'example.com'],
  ['<"a\\"b\\\\c"@example.com>', '"a\\"b\\\\c"', 'example.com'],
  ['<""@example.com>', '""', 'example.com'],
  ['<"<>()[],;:"@example.com>', '"<>()[],;:"', 'example.com'],
  ['<1@2.3>', '1', '2.3'],
  ['<a@xn--bcher-kva.example>', 'a', 'xn--bcher-kva.example'],
  [`<a@${'x'.repeat(63)}.example>`, 'a', `${'x'.repeat(63)}.example`],
  [`<${'x'.repeat(64)}@example.com>`, 'x'.repeat(64), 'example.com'],
  ['<a@[192.0.2.1]>', 'a', '[192.0.2.1]'],
  ['<a@[IPv6:2001:db8::1]>', 'a', '[IPv6:2001:db8::1]'],
  ['<a@[ipv6:::]>', 'a', '[ipv6:::]'],
  ['<a@[IPv6:1:2:3:4:5:6:7:8]>', 'a', '[IPv6:1:2:3:4:5:6:7:8]'],
  ['<a@[IPv6:::ffff:192.0.2.1]>', 'a', '[IPv6:::ffff:192.0.2.1]'],
  ['<a@[IPv6:1:2:3:4:5:6:192.0.2.1]>', 'a', '[IPv6:1:2:3:4:5:6:192.0.2.1]'],
  ['<a@[X400:c=de;a=b]>', 'a', '[X400:c=de;a=b]'],
];

for (const [text, localPart, domain] of VALID) {
  test(`${text.slice(0, 60)} is a path, kept as it came (RFC 5321 §4.1.2)`, () => {
    const path = parsePath(text);
    assert.deepEqual(path, { address: text.slice(1, -1), mailbox: { localPart, domain } });
    assert.equal(formatPath(path!), text);
    assert.deepEqual(parseReversePath(text), path);
    assert.deepEqual(parseForwardPath(text), path);
  });
}

const INVALID: readonly string[] = [
  '',
  'a@b',
  '<a@b',
  'a@b>',
  '<<a@b>>',
  '<a@b> ',
  ' <a@b>',
  '< a@b>',
  '<a@b >',
  '<a>',
  '<@b>',
  '<a@>',
  '<a@b@c>',
  '<.a@b>',
  '<a.@b>',
  '<a..b@c>',
  '<a b@c>',
  '<a,b@c>',
  '<a@b,c@d>',
  '<a@b;c@d>',
  '<(comment)a@b>',
  '<a(comment)@b>',
  '<a@b(comment)>',
  '<a@"b">',
  '<"a@b>',
  '<"a"b@c>',
  '<"a\\"@c>',
  '<a@-b>',
  '<a@b->',
  '<a@b..c>',
  '<a@.b>',
  '<a@b.>',
  '<a@b_c>',
  '<a@b/c>',
  '<a@[]>',
  '<a@[256.0.0.1]>',
  '<a@[1.2.3]>',
  '<a@[1.2.3.4.5]>',
  '<a@[1.2.3.4>',
  '<a@192.0.2.1]>',
  '<a@[IPv6:2001:db8]>',
  '<a@[IPv6:1:2:3:4:5:6:7::8]>',
  '<a@[IPv6:1::2::3]>',
  '<a@[IPv6:12345::]>',
  '<a@[IPv6:1.2.3.4::]>',
  '<a@[IPv6:g::]>',
  '<a@[X400]>',
  '<a@[X-:b]>',
  '<a@[X400:]>',
  '<a@[X400:a\\b]>',
  '<a@b\r\n>',
  '<a\n@b>',
  '<a\0@b>',
  '<a\t@b>',
  '<"a\tb"@c>',
  '<"a\rb"@c>',
  '<"a\\\nb"@c>',
  '<a@b\x7f>',
  '<ü@b>',
  '<a@ü>',
  '<"ü"@b>',
  '<@a>',
  '<@a:b>',
  '<@a,b@c>',
  '<@a,@b,c@d>',
  '<@:a@b>',
  `<${'x'.repeat(65)}@example.com>`,
  `<a@${'x'.repeat(64)}.example>`,
  `<a@${'x.'.repeat(126)}xx>`,
];

for (const text of INVALID) {
  test(`${JSON.stringify(text).slice(0, 60)} is no path (RFC 5321 §4.1.2)`, () => {
    assert.equal(parsePath(text), undefined);
  });
}

test('The null reverse-path is one, and no forward-path (RFC 5321 §4.5.5)', () => {
  assert.deepEqual(parseReversePath('<>'), { address: '' });
  assert.deepEqual(parsePath('<>'), { address: '' });
  assert.equal(parseForwardPath('<>'), undefined);
});

test('<Postmaster> is a forward-path in any case, and no reverse-path (RFC 5321 §4.1.1.3)', () => {
  const expected = { address: 'postMaster', mailbox: { localPart: 'postMaster', domain: '' } };
  assert.deepEqual(parseForwardPath('<postMaster>'), expected);
  assert.deepEqual(parsePath('<postMaster>'), expected);
  assert.equal(parseReversePath('<postMaster>'), undefined);
});

test('A source route is accepted and left out (RFC 5321 §C)', () => {
  assert.deepEqual(parsePath('<@a.example,@b.example:c@d.example>'), parsePath('<c@d.example>'));
});

test('A path has 256 octets at most, brackets included (RFC 5321 §4.5.3.1.3)', () => {
  const labels = `${'x'.repeat(63)}.`.repeat(3);
  const fits = `<a@${labels}${'y'.repeat(256 - 4 - labels.length)}>`;
  assert.equal(fits.length, 256);
  assert.notEqual(parsePath(fits), undefined);
  assert.equal(parsePath(fits.replace('<a', '<ab')), undefined);
});

test('Characters beyond ASCII are part of an address with SMTPUTF8 only (RFC 6531 §3.3)', () => {
  for (const text of ['<ü@b>', '<a@ü.example>', '<"ü x"@b>', '<用户@例え.example>', '<😀@b>']) {
    assert.equal(parsePath(text), undefined);
    assert.equal(parsePath(text, { isUtf8Allowed: true })?.address, text.slice(1, -1));
  }
});

test('Controls and line separators beyond ASCII, and half characters, never are', () => {
  for (const text of [
    '<a\x85@b>',
    '<a\u2028@b>',
    '<a\u2029@b>',
    '<a\x9f@b>',
    '<"a\x85"@b>',
    '<\ud800@b>',
    '<a@\udc00>',
  ]) {
    assert.equal(parsePath(text, { isUtf8Allowed: true }), undefined);
  }
});

test('Limits count octets, not characters (RFC 6531 §3.3)', () => {
  assert.notEqual(parsePath(`<${'ü'.repeat(32)}@b>`, { isUtf8Allowed: true }), undefined);
  assert.equal(parsePath(`<${'ü'.repeat(33)}@b>`, { isUtf8Allowed: true }), undefined);
  assert.notEqual(parsePath(`<${'😀'.repeat(16)}@b>`, { isUtf8Allowed: true }), undefined);
  assert.equal(parsePath(`<${'😀'.repeat(16)}a@b>`, { isUtf8Allowed: true }), undefined);
});

/** The grammar once more, as one expression without limits: a second opinion. */
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const SECOND_OPINION = new RegExp(`^<(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@${LABEL}(?:\\.${LABEL})*>$`);

test('Short texts are paths exactly when a regular expression of the same grammar says so', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '1',
    '.',
    '-',
    '@',
    '"',
    '\\',
    ' ',
    '+',
    '(',
    ',',
    '<',
    '\r',
    '\n',
    'ü',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const text = `<${pieces.join('')}>`;
      if (text.startsWith('<@') || text === '<>') return;
      assert.equal(parsePath(text) !== undefined, SECOND_OPINION.test(text), JSON.stringify(text));
    }),
    { numRuns: fuzzRuns(4_000) },
  );
});

test('Generated mailboxes come back as they were', () => {
  const atom = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}$/);
  const quoted = fc.stringMatching(/^"([ !#-[\]-~]|\\[ -~]){0,20}"$/).filter((text) => text.length <= 64);
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const dotted = (of: fc.Arbitrary<string>) =>
    fc.array(of, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.oneof(dotted(atom), quoted), dotted(label), (localPart, domain) => {
      const text = `<${localPart}@${domain}>`;
      assert.deepEqual(parsePath(text), { address: text.slice(1, -1), mailbox: { localPart, domain } });
    }),
    { numRuns: fuzzRuns() },
  );
});

test('What is parsed is the text between the brackets, byte for byte, and reads the same again', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '@',
    '"',
    '\\',
    ' ',
    ':',
    ',',
    '-',
    '[',
    ']',
    '[IPv6:',
    '::',
    '1',
    '255',
    'b.c',
    '<',
    '>',
    'ü',
    '\0',
  );
  const text = fc.array(piece, { minLength: 1, maxLength: 12 }).map((parts) => `<${parts.join('')}>`);
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((path) => path.replace('<', '<a@')),
      ),
      fc.boolean(),
      (path, isUtf8Allowed) => {
        const parsed = parsePath(path, { isUtf8Allowed });
        if (parsed === undefined) return;
        const { address, mailbox } = parsed;
        assert.equal(path.slice(1, -1).replace(/^@[^:]*:/, ''), address);
        if (mailbox !== undefined) assert.equal(`${mailbox.localPart}@${mailbox.domain}`, address);
        assert.deepEqual(parsePath(`<${address}>`, { isUtf8Allowed }), parsed);
      },
    ),
    { numRuns: fuzzRuns(2_000) },
  );
});

test('What may be sent as a path is what its form in a command is read as', () => {
  const word = fc.constantFrom(
    'a',
    '@',
    '.',
    'b.example',
    '"',
    '\\',
    ' ',
    '>',
    '<',
    'ü',
    'postmaster',
    '\r\n',
  );
  const long = fc.integer({ min: 1, max: 70 }).map((count) => 'x'.repeat(count));
  const labels = fc.array(long, { maxLength: 6 }).map((parts) => `a@${parts.join('.')}`);
  const address = fc.oneof(
    fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
    labels,
  );
  fc.assert(
    fc.property(address, fc.boolean(), (text, isUtf8Allowed) => {
      const [path, options] = [{ address: text }, { isUtf8Allowed }];
      const [reverse, forward] = [parseReversePath, parseForwardPath].map((parse) =>
        parse(formatPath(path), options),
      );
      assert.equal(isReversePath(path, options), reverse !== undefined);
      assert.equal(isForwardPath(path, options), forward !== undefined);
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});

test('A path of 256 octets may be sent, one of 257 may not (RFC 5321 §4.5.3.1.3)', () => {
  const domain = `${'a.'.repeat(94)}b`;
  const fits = { address: `${'x'.repeat(64)}@${domain}` };
  assert.equal(formatPath(fits).length, 256);
  assert.equal(isForwardPath(fits), true);
  assert.equal(isReversePath({ address: `${fits.address}c` }), false);
});
