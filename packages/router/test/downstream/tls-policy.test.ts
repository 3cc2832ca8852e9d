import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideTlsPolicy } from '../../src/downstream/tls-policy.ts';

const LOGIN = { username: 'u', password: 'p' };
const [PUBLIC, PRIVATE] = ['192.0.2.1', '10.0.0.1'];

/** tls, login, address → STARTTLS, login allowed. */
const ROWS = [
  ['auto', undefined, PUBLIC, 'when-offered', true],
  ['auto', LOGIN, PUBLIC, 'required', true],
  ['auto', LOGIN, PRIVATE, 'when-offered', true],
  ['auto', LOGIN, '', 'required', true],
  ['starttls', undefined, PRIVATE, 'required', true],
  ['starttls', LOGIN, PUBLIC, 'required', true],
  ['implicit', LOGIN, PUBLIC, 'never', true],
  ['off', undefined, PUBLIC, 'never', true],
  ['off', LOGIN, PRIVATE, 'never', true],
  ['off', LOGIN, PUBLIC, 'never', false],
] as const;

for (const [tls, credentials, address, startTls, isAuthAllowed] of ROWS) {
  const login = credentials === undefined ? 'no login' : 'a login';
  test(`tls ${tls} with ${login} at ${address || 'an unknown address'}: STARTTLS ${startTls}, login ${isAuthAllowed}`, () => {
    const policy = decideTlsPolicy({ tls, ...(credentials !== undefined && { credentials }) }, address);
    assert.equal(policy.startTls, startTls);
    assert.equal(policy.isAuthAllowed, isAuthAllowed);
    assert.equal(policy.isImplicit, tls === 'implicit');
  });
}
