import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { PasswordAuthenticator } from '../../src/submission/password-authenticator.ts';

test('a user logs in by any case of the name and the exact password only', () => {
  const subject = new PasswordAuthenticator([
    { email: 'App@Example.com', password: 'Pass' },
    { email: 'other@example.com', password: '' },
  ]);
  assert.equal(subject.authenticate('app@EXAMPLE.com', 'Pass'), 'App@Example.com');
  assert.equal(subject.authenticate('app@example.com', 'pass'), undefined);
  assert.equal(subject.authenticate('app@example.com', ''), undefined);
  assert.equal(subject.authenticate('app@example.com', 'Pass '), undefined);
  assert.equal(subject.authenticate('', ''), undefined);
  assert.equal(subject.authenticate('nobody', ''), undefined);
});

test('no two different passwords are taken for each other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      const subject = new PasswordAuthenticator([{ email: 'a@b', password: one }]);
      assert.equal(subject.authenticate('a@b', other) !== undefined, one === other);
    }),
  );
});

test('no password can be read from an authenticator', () => {
  const subject = new PasswordAuthenticator([{ email: 'a@b', password: 'S3CRET' }]);
  assert.doesNotMatch(inspect(subject, { depth: null, showHidden: true }), /S3CRET/);
  assert.doesNotMatch(JSON.stringify(subject), /S3CRET/);
});
