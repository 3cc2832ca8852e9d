import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeConnectFailure, describeTlsFailure } from '../../src/downstream/opening-failure.ts';

/** Error code of the system, what it becomes, and a word of its sentence. */
const CONNECT = [
  ['ENOTFOUND', 'ROUTER_DNS_FAILED', 'does not resolve'],
  ['EAI_AGAIN', 'ROUTER_DNS_FAILED', 'does not resolve'],
  ['ECONNREFUSED', 'ROUTER_CONNECT_FAILED', 'ECONNREFUSED'],
  ['EHOSTUNREACH', 'ROUTER_CONNECT_FAILED', 'EHOSTUNREACH'],
] as const;
const TLS = [
  ['CERT_HAS_EXPIRED', 'ROUTER_TLS_CERTIFICATE_EXPIRED', 'has expired'],
  ['CERT_NOT_YET_VALID', 'ROUTER_TLS_CERTIFICATE_EXPIRED', 'not yet valid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', 'self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', 'unknown authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ROUTER_TLS_CERTIFICATE_UNTRUSTED', 'unknown authority'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'ROUTER_TLS_NAME_MISMATCH', 'not made out to mail.example'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'ROUTER_TLS_FAILED', 'ERR_SSL_WRONG_VERSION_NUMBER'],
] as const;

function systemError(code: string): Error {
  return Object.assign(new Error('for developers'), { code });
}

for (const [systemCode, code, word] of CONNECT) {
  test(`${systemCode} of a TCP socket is ${code}`, () => {
    const failure = describeConnectFailure(systemError(systemCode), 'mail.example');
    assert.equal(failure.code, code);
    assert.ok(failure.what.includes(word), failure.what);
  });
}

for (const [systemCode, code, word] of TLS) {
  test(`${systemCode} of a TLS socket is ${code}`, () => {
    const failure = describeTlsFailure(systemError(systemCode), 'mail.example');
    assert.equal(failure.code, code);
    assert.ok(failure.what.includes(word), failure.what);
  });
}

test('An error without a code is told by its message', () => {
  assert.match(describeTlsFailure(new Error('odd'), 'mail.example').what, /\(odd\)/);
  assert.match(describeConnectFailure(new Error('odd'), 'mail.example').what, /\(odd\)/);
});
