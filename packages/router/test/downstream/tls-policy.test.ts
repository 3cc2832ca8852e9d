import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideTlsPolicy } from '../../src/downstream/tls-policy.ts';

const LOGIN = { username: 'u', password: 'p' };
const [PUBLIC, PRIVATE] = ['192.0.2.1', '10.0.0.1'];

/** tls, login, address → STARTTLS, usable at all, login in clear allowed. */
const ROWS = [
  ['auto', undefined, PUBLIC, 'when-offered', true, true],
  ['auto', LOGIN, PUBLIC, 'required', true, false],
  ['auto', LOGIN, PRIVATE, 'when-offered', true, true],
  ['auto', LOGIN, '', 'required', true, false],
  ['starttls', undefined, PRIVATE, 'required', true, true],
  ['starttls', LOGIN, PUBLIC, 'required', true, false],
  ['implicit', LOGIN, PUBLIC, 'never', true, false],
  ['off', undefined, PUBLIC, 'never', true, true],
  ['off', LOGIN, PRIVATE, 'never', true, true],
  ['off', LOGIN, PUBLIC, 'never', false, false],
] as const;

for (const [tls, credentials, address, startTls, isUsable, isClear] of ROWS) {
  const login = credentials === undefined ? 'no login' : 'a login';
  test(`tls ${tls} with ${login} at ${address || 'an unknown address'}: STARTTLS ${startTls}, usable ${isUsable}, login in clear ${isClear}`, () => {
    const policy = decideTlsPolicy({ tls, ...(credentials !== undefined && { credentials }) }, address);
    assert.equal(policy.startTls, startTls);
    assert.equal(policy.isUsable, isUsable);
    assert.equal(policy.isPlaintextAuthAllowed, isClear);
    assert.equal(policy.isImplicit, tls === 'implicit');
  });
}
