import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeCertificatePem } from '../../src/x509/pem.ts';
import { buildSelfSignedCertificate, type SignatureHash } from '../../src/x509/self-signed-certificate.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const CURVES: readonly { readonly curve: string; readonly hash: SignatureHash }[] = [
  { curve: 'P-256', hash: 'sha256' },
  { curve: 'P-384', hash: 'sha384' },
  { curve: 'P-521', hash: 'sha512' },
];
const NOW = Date.parse('2026-03-04T05:06:07Z');

function build(curve: string, hash: SignatureHash, { serial = randomBytes(16), now = NOW } = {}): Uint8Array {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return buildSelfSignedCertificate({
    publicKey: spki,
    serial,
    keyIdentifier: createHash('sha256').update(spki).digest().subarray(0, 20),
    now,
    hash,
    sign: (bytes) => sign(hash, bytes, privateKey),
  });
}

describe('a self-signed certificate', () => {
  for (const { curve, hash } of CURVES) {
    it(`with a key on ${curve} is what go-plugin makes (mtls.go)`, () => {
      const serial = Buffer.from('8000000000000000000000000000abcd', 'hex');
      const certificate = new X509Certificate(build(curve, hash, { serial }));
      assert.equal(certificate.subject, 'O=HashiCorp\nCN=localhost');
      assert.equal(certificate.issuer, certificate.subject);
      assert.equal(certificate.subjectAltName, 'DNS:localhost');
      assert.equal(certificate.serialNumber.toLowerCase(), serial.toString('hex'));
      assert.equal(Date.parse(certificate.validFrom), NOW - 30_000);
      assert.equal(Date.parse(certificate.validTo), NOW + 262_980 * 3_600_000);
      assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
      assert.equal(certificate.ca, true);
      assert.ok(certificate.verify(certificate.publicKey), 'its own key signed it');
      assert.ok(certificate.checkIssued(certificate), 'it is its own authority');
      assert.equal(certificate.checkHost('localhost'), 'localhost');
    });
  }

  it('has a serial that is positive and short, whatever the random bytes (RFC 5280 §4.1.2.2)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (serial) => {
        serial[15] = 1;
        const certificate = new X509Certificate(build('P-256', 'sha256', { serial: Buffer.from(serial) }));
        assert.equal(
          BigInt(`0x${certificate.serialNumber}`),
          BigInt(`0x${Buffer.from(serial).toString('hex')}`),
        );
      }),
      { numRuns: fuzzRuns(25) },
    );
  });

  it('is valid at any time it is made, before and after 2050', () => {
    for (const at of [
      '1999-12-31T23:59:59Z',
      '2019-06-01T00:00:00Z',
      '2049-12-31T23:59:59Z',
      '2060-01-01T00:00:00Z',
    ]) {
      const now = Date.parse(at);
      const certificate = new X509Certificate(build('P-256', 'sha256', { now }));
      assert.equal(Date.parse(certificate.validFrom), now - 30_000);
    }
  });

  describe('in the eyes of openssl', { skip: hasOpenssl() ? false : 'openssl is not installed' }, () => {
    const directory = mkdtempSync(join(tmpdir(), 'x509-'));
    after(() => rmSync(directory, { recursive: true, force: true }));

    for (const { curve, hash } of CURVES) {
      it(`verifies as both ends of TLS, by the strict rules of RFC 5280, on ${curve}`, () => {
        const file = join(directory, `${curve}.pem`);
        writeFileSync(file, encodeCertificatePem(build(curve, hash, { now: Date.now() })));
        for (const purpose of ['sslserver', 'sslclient']) {
          const options = [
            '-x509_strict',
            '-check_ss_sig',
            '-purpose',
            purpose,
            '-verify_hostname',
            'localhost',
          ];
          const verdict = execFileSync('openssl', ['verify', ...options, '-CAfile', file, file]);
          assert.match(verdict.toString(), /: OK/);
        }
        const text = execFileSync('openssl', ['x509', '-in', file, '-noout', '-text']).toString();
        assert.match(text, /Digital Signature, Key Encipherment, Key Agreement, Certificate Sign/);
        assert.match(text, /Basic Constraints: critical\s+CA:TRUE\s/);
      });
    }
  });
});

function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}
