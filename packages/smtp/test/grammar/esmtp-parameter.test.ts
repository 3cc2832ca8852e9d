import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatParameter, parseParameters } from '../../src/grammar/esmtp-parameter.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('Parameters are keywords with or without a value, keywords upper-cased (RFC 5321 §4.1.2)', () => {
  const parameters = parseParameters(' size=10  SMTPUTF8 X-y=a+3Db;c ');
  assert.deepEqual(parameters, [
    { keyword: 'SIZE', value: '10' },
    { keyword: 'SMTPUTF8' },
    { keyword: 'X-Y', value: 'a+3Db;c' },
  ]);
  assert.equal(parameters?.map(formatParameter).join(' '), 'SIZE=10 SMTPUTF8 X-Y=a+3Db;c');
});

test('No parameters are no fault', () => {
  assert.deepEqual(parseParameters(''), []);
  assert.deepEqual(parseParameters('   '), []);
});

for (const text of [
  '=1',
  'SIZE=',
  'SIZE==1',
  'A=b=c',
  '-A=1',
  'A_B',
  'SIZE=1 size=2',
  'A=\t',
  'A=\x7f',
  'Ä=1',
  'A=\ud800',
  'A=\x85',
]) {
  test(`${JSON.stringify(text)} holds a malformed or repeated parameter`, () => {
    assert.equal(parseParameters(text), undefined);
  });
}

test('Any text is parameters that read the same again, each keyword once, or none', () => {
  const part = fc.constantFrom(
    'SIZE',
    'size',
    'X-y',
    '=',
    ' ',
    '1',
    '-',
    'ü',
    '\x7f',
    '\ud800',
    '\0',
    'a+3D',
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      (text) => {
        const parameters = parseParameters(text);
        if (parameters === undefined) return;
        const formatted = parameters.map(formatParameter).join(' ');
        assert.deepEqual(parseParameters(formatted), parameters);
        assert.equal(new Set(parameters.map(({ keyword }) => keyword)).size, parameters.length);
        assert.doesNotMatch(formatted, /\p{Cc}|\p{Cs}/u);
      },
    ),
    { numRuns: fuzzRuns(1_000) },
  );
});
