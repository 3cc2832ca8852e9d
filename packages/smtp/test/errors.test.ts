import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SMTP_ERRORS, SmtpProtocolError } from '../src/errors.ts';

const SOURCE = join(import.meta.dirname, '..', 'src');

/** Codes named anywhere but in the catalogue itself. */
function usedCodes(): ReadonlySet<string> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && file !== 'errors.ts');
  const text = sources.map((file) => readFileSync(join(SOURCE, file), 'utf8')).join('');
  return new Set(text.match(/\bSMTP_[A-Z0-9_]+\b/g));
}

test('Every code of the catalogue is used, and every code used is in the catalogue', () => {
  assert.deepEqual(usedCodes(), new Set(Object.keys(SMTP_ERRORS)));
});

test('Every entry says what happened, why and what to do, in sentences', () => {
  for (const [code, { meaning, cause, remedy }] of Object.entries(SMTP_ERRORS)) {
    for (const sentence of [meaning, cause, remedy]) assert.match(sentence, /^[A-Z].*\.$/, code);
  }
});

test('An error carries its code, and whether it may pass by itself', () => {
  const error = new SmtpProtocolError('SMTP_ENGINE_MISUSE', 'No.', { cause: 'why' });
  assert.deepEqual(
    [error.name, error.code, error.temporary, error.message, error.cause],
    ['SmtpProtocolError', 'SMTP_ENGINE_MISUSE', false, 'No.', 'why'],
  );
});
