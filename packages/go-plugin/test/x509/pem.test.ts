import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeCertificatePem, encodeCertificatePem } from '../../src/x509/pem.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

describe('PEM', () => {
  it('has lines of 64 characters between its two labels (RFC 7468 §2)', () => {
    const text = encodeCertificatePem(new Uint8Array(60).fill(0xab));
    const [begin, first, second, end, last] = text.split('\n');
    assert.equal(begin, '-----BEGIN CERTIFICATE-----');
    assert.equal(first?.length, 64);
    assert.equal(second?.length, 16);
    assert.equal(end, '-----END CERTIFICATE-----');
    assert.equal(last, '');
  });

  it('reads what it wrote, with other text and other line ends around it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.string(), (der, around) => {
        const text = `${around}\r\n${encodeCertificatePem(der).replaceAll('\n', '\r\n')}${around}`;
        assert.deepEqual(decodeCertificatePem(text), der);
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('answers nothing for text without a certificate', () => {
    const whole = encodeCertificatePem(new Uint8Array(60));
    for (const text of ['', 'true', whole.slice(0, 60), whole.slice(30), whole.replace('AAAA', 'AA-A')]) {
      assert.equal(decodeCertificatePem(text), undefined);
    }
  });

  it('never throws, whatever the text', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '\n', 'MIIB', '='),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        decodeCertificatePem(pieces.join(''));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });
});
