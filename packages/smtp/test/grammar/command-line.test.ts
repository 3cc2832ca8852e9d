import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCommandLine } from '../../src/grammar/command-line.ts';
import { bytesOf, fuzzRuns } from '../support/chunks.ts';

test('A verb is upper-cased and its argument trimmed of spaces (RFC 5321 §2.4)', () => {
  const samples = [
    ['NOOP', 'NOOP', ''],
    ['noop  ', 'NOOP', ''],
    ['Mail FROM:<a@b>  SIZE=1 ', 'MAIL', 'FROM:<a@b>  SIZE=1'],
    ['RCPT  TO:<"a b"@c>', 'RCPT', 'TO:<"a b"@c>'],
  ] as const;
  for (const [line, verb, argument] of samples) {
    assert.deepEqual(parseCommandLine(bytesOf(line)), { kind: 'command', verb, argument });
  }
});

test('UTF-8 of an argument is kept', () => {
  const expected = { kind: 'command', verb: 'RCPT', argument: 'TO:<ü@b>' };
  assert.deepEqual(parseCommandLine(new TextEncoder().encode('RCPT TO:<ü@b>')), expected);
});

test('A byte order mark is a character like others, not left out', () => {
  const expected = { kind: 'fault', fault: 'no-verb' };
  assert.deepEqual(parseCommandLine(bytesOf('\xef\xbb\xbfNOOP')), expected);
});

const FAULTS = {
  'no-verb': ['', ' NOOP', '123', 'NOOP:x', 'MAIL<a@b>'],
  'control-character': ['NOOP\tx', 'NO\0OP', 'NOOP \x7f', 'NOOP \x1b[2J', 'NOOP \xc2\x85'],
  'invalid-utf8': ['NOOP \xff', 'NOOP \xc0\x80', 'NOOP \xed\xa0\x80', 'NOOP \xc3', 'NOOP \xf4\x90\x80\x80'],
} as const;

for (const [fault, lines] of Object.entries(FAULTS)) {
  for (const line of lines) {
    test(`${JSON.stringify(line)} is no command: ${fault}`, () => {
      assert.deepEqual(parseCommandLine(bytesOf(line)), { kind: 'fault', fault });
    });
  }
}

test('Any bytes are a command that reads the same again, or a fault', () => {
  const word = fc.oneof(
    fc
      .constantFrom(
        'MAIL',
        'rcpt',
        ' ',
        '  ',
        'TO:<a@b>',
        '\t',
        '\0',
        '\xc3\xbc',
        '\xff',
        '\xe2\x80\xa8',
        ':',
        '1',
      )
      .map(bytesOf),
    fc.uint8Array({ maxLength: 6 }),
  );
  const line = fc.array(word, { maxLength: 8 }).map((parts) => new Uint8Array(Buffer.concat(parts)));
  fc.assert(
    fc.property(line, (bytes) => {
      const command = parseCommandLine(bytes);
      if (command.kind === 'fault') return;
      const { verb, argument } = command;
      assert.match(verb, /^[A-Z]+$/);
      assert.doesNotMatch(argument, /\p{Cc}|^ | $/u);
      const again = parseCommandLine(new TextEncoder().encode(`${verb} ${argument}`));
      assert.deepEqual(again, command);
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
