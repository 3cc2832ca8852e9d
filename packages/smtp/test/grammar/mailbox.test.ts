import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMailbox } from '../../src/grammar/mailbox.ts';

test('A mailbox is parsed whole, or not at all (RFC 5321 §4.1.2)', () => {
  assert.deepEqual(parseMailbox('a.b@c.example'), { localPart: 'a.b', domain: 'c.example' });
  for (const text of ['', 'a', 'a@b ', '<a@b>', 'a@b>', 'Name <a@b>', 'postmaster', '\ud800@b']) {
    assert.equal(parseMailbox(text, { isUtf8Allowed: true }), undefined, text);
  }
});
