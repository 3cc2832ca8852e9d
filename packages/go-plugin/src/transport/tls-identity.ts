import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { encodeCertificatePem } from '../x509/pem.ts';
import { buildSelfSignedCertificate } from '../x509/self-signed-certificate.ts';

/**
 * Who one side of AutoMTLS is: a key pair and a certificate made for it, for one start of a plugin and never
 * stored. Go's are on P-521, ours on P-256, which costs a hundredth of the time; each accepts the other.
 */
export interface TlsIdentity {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** RFC 7093 §2, method 1: the first 160 bits of SHA-256 of the key. */
const KEY_IDENTIFIER_BYTES = 20;
const SERIAL_BYTES = 16;

/** Makes a new one. @param now milliseconds since 1970 */
export function createTlsIdentity(now: number): TlsIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const certificate = buildSelfSignedCertificate({
    publicKey: spki,
    serial: randomBytes(SERIAL_BYTES),
    keyIdentifier: createHash('sha256').update(spki).digest().subarray(0, KEY_IDENTIFIER_BYTES),
    now,
    hash: 'sha256',
    sign: (toBeSigned) => sign('sha256', toBeSigned, privateKey),
  });
  return {
    certificate,
    certificatePem: encodeCertificatePem(certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
