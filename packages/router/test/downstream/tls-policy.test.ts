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

/** tls, login, address → the certificate is checked unless the configuration says otherwise. */
const CHECKED = [
  ['auto', undefined, PUBLIC, false],
  ['auto', LOGIN, PRIVATE, false],
  ['auto', LOGIN, PUBLIC, true],
  ['starttls', undefined, PRIVATE, true],
  ['implicit', undefined, PRIVATE, true],
] as const;

for (const [tls, credentials, address, isVerified] of CHECKED) {
  const login = credentials === undefined ? 'no login' : 'a login';
  test(`tls ${tls} with ${login} at ${address}: certificate checked ${isVerified}, and as tls_verify says`, () => {
    const options = { tls, ...(credentials !== undefined && { credentials }) };
    assert.equal(decideTlsPolicy(options, address).isVerified, isVerified);
    assert.equal(decideTlsPolicy({ ...options, isTlsVerified: true }, address).isVerified, true);
    assert.equal(decideTlsPolicy({ ...options, isTlsVerified: false }, address).isVerified, false);
  });
}
