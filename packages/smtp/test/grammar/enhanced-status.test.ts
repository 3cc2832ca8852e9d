import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  enhancedCodeFor,
  isEnhancedCode,
  replyClass,
  splitEnhancedCode,
} from '../../src/grammar/enhanced-status.ts';
import { fuzzRuns } from '../support/chunks.ts';

test('An enhanced status code is class.subject.detail without leading zeros (RFC 3463 §2)', () => {
  for (const text of ['2.0.0', '4.7.28', '5.999.999']) assert.equal(isEnhancedCode(text), true, text);
  for (const text of ['3.0.0', '5.1', '5.01.1', '5.1.1000', ' 5.1.1', '5.1.1 ', '']) {
    assert.equal(isEnhancedCode(text), false, text);
  }
});

test('The first digit of a reply code has four meanings (RFC 5321 §4.2.1)', () => {
  assert.deepEqual([199, 250, 354, 451, 550, 600].map(replyClass), [
    undefined,
    'positive-completion',
    'positive-intermediate',
    'transient-negative',
    'permanent-negative',
    undefined,
  ]);
});

test('Every code of a final reply has a fitting enhanced code of its class', () => {
  for (let code = 200; code < 600; code += 1) {
    const enhanced = enhancedCodeFor(code);
    if (code >= 300 && code < 400) assert.equal(enhanced, undefined);
    else
      assert.ok(isEnhancedCode(enhanced ?? '') && enhanced?.[0] === String(code)[0], `${code} ${enhanced}`);
  }
});

test('Only a code of the class of the reply is taken off a line', () => {
  assert.deepEqual(splitEnhancedCode(550, '5.1.1 No'), { enhancedCode: '5.1.1', text: 'No' });
  assert.deepEqual(splitEnhancedCode(550, '4.1.1 No'), { text: '4.1.1 No' });
  assert.deepEqual(splitEnhancedCode(250, '2.example.com'), { text: '2.example.com' });
});

test('Whatever a line holds, code and text together are the line', () => {
  const part = fc.constantFrom('2', '4', '5', '.', '0', '1', '10', '999', ' ', 'a', '٣');
  const line = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), line, (code, text) => {
      const taken = splitEnhancedCode(code, text);
      if (taken.enhancedCode === undefined) {
        assert.equal(taken.text, text);
        return;
      }
      assert.ok(isEnhancedCode(taken.enhancedCode) && taken.enhancedCode[0] === String(code)[0]);
      assert.equal([taken.enhancedCode, taken.text].join(' ').trimEnd(), text.trimEnd());
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
