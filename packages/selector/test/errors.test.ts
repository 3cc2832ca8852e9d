import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SELECTOR_ERRORS, SelectorError, type SelectorErrorCode } from '../src/errors.ts';

it('Every code of the catalogue makes an error that says whether it is temporary', () => {
  for (const [code, entry] of Object.entries(SELECTOR_ERRORS)) {
    const cause = new Error('below');
    const error = new SelectorError(code as SelectorErrorCode, 'Selector "mine" failed.', { cause });
    assert.deepEqual(
      { code: error.code, temporary: error.temporary, cause: error.cause, text: String(error) },
      { code, temporary: entry.temporary, cause, text: 'SelectorError: Selector "mine" failed.' },
    );
    for (const text of [entry.meaning, entry.cause, entry.remedy]) assert.match(text, /^[A-Z].*\.$/);
  }
});
