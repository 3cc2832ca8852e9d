import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_EXTENSIONS, parseExtensions } from '../../src/client/smtp-extensions.ts';
import { fuzzRuns } from '../support/chunks.ts';

const offered = (...lines: readonly string[]) => parseExtensions({ code: 250, lines: ['mx', ...lines] });

test('Keywords are known in any case, unknown ones are passed over (RFC 5321 §4.1.1.1)', () => {
  const extensions = offered(
    'pipelining',
    'Size 1000',
    'x-unknown a b',
    '8BitMime',
    'CHUNKING',
    'ENHANCEDSTATUSCODES',
  );
  assert.equal(extensions.hasPipelining, true);
  assert.equal(extensions.maxSizeBytes, 1_000);
  assert.equal(extensions.has8bitMime, true);
  assert.equal(extensions.hasChunking, true);
  assert.equal(extensions.hasEnhancedStatusCodes, true);
  assert.equal(extensions.hasDsn, false);
});

test('A name in the first line is no extension', () => {
  assert.deepEqual(parseExtensions({ code: 250, lines: ['PIPELINING'] }), NO_EXTENSIONS);
});

test('SIZE without a number, or with nonsense, states no limit (RFC 1870 §3)', () => {
  for (const line of ['SIZE', 'SIZE 0', 'SIZE x', 'SIZE -1', 'SIZE 1e9', 'SIZE 999999999999999999999']) {
    assert.equal(offered(line).maxSizeBytes, 0, line);
    assert.equal(offered(line).hasSize, true);
  }
});

test('Mechanisms are read in both spellings, each once', () => {
  assert.deepEqual(offered('AUTH plain LOGIN', 'AUTH=LOGIN PLAIN', 'AUTH=XOAUTH2').authMechanisms, [
    'PLAIN',
    'LOGIN',
    'XOAUTH2',
  ]);
  assert.deepEqual(offered('AUTH').authMechanisms, []);
});

test('Whatever is offered, limits are whole numbers and mechanisms are words', () => {
  const part = fc.constantFrom(
    'SIZE',
    'size',
    'AUTH',
    'AUTH=',
    ' ',
    '  ',
    '=',
    '1',
    '99999999999999999999',
    '-1',
    'PLAIN',
    '__proto__',
    'é',
  );
  const line = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const { maxSizeBytes, authMechanisms } = offered(...lines);
      assert.ok(Number.isInteger(maxSizeBytes) && maxSizeBytes >= 0);
      assert.equal(new Set(authMechanisms).size, authMechanisms.length);
      for (const name of authMechanisms) assert.match(name, /^[^ a-z]+$/);
    }),
    { numRuns: fuzzRuns(500) },
  );
});
