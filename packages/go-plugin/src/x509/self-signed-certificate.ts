/**
 * The certificate a host or a plugin makes for itself (go-plugin mtls.go, generateCert): signed by its own
 * key, therefore its own authority, for the name `localhost` and both ends of TLS. Peers trust exactly
 * this one certificate, so nothing in it has to be believed; it only has to be what TLS libraries accept.
 *
 * The profile is RFC 5280's, version 3. Key pair, signature, randomness and time are the caller's.
 */
import {
  derBitString,
  derElement,
  derInteger,
  derOctetString,
  derOid,
  derPrintableString,
  derSequence,
  derSet,
  derTime,
  derTrue,
} from './der-writer.ts';

/** The one name in every such certificate, and the server name hosts ask for (go-plugin client.go). */
export const CERTIFICATE_NAME = 'localhost';

/** go-plugin mtls.go: 30 seconds back for clocks that differ, 30 years ahead. */
const BACKDATED_MS = 30_000;
const LIFETIME_MS = 262_980 * 3_600_000;

/** How `sign` signs (RFC 5758 §3.2): ECDSA with the hash that fits the curve of the key. */
export type SignatureHash = 'sha256' | 'sha384' | 'sha512';

const ECDSA_WITH: Readonly<Record<SignatureHash, string>> = {
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

export interface CertificateParts {
  /** DER of the SubjectPublicKeyInfo of an elliptic curve key. */
  readonly publicKey: Uint8Array;
  /** 16 random bytes, not all 0. */
  readonly serial: Uint8Array;
  /** 20 bytes that tell keys apart, such as the head of a hash of the public key (RFC 7093 §2). */
  readonly keyIdentifier: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hash: SignatureHash;
  /** The ECDSA signature of the bytes, hashed by `hash`, in DER. */
  sign(toBeSigned: Uint8Array): Uint8Array;
}

/** DER of the certificate. */
export function buildSelfSignedCertificate(parts: CertificateParts): Uint8Array {
  const algorithm = derSequence(derOid(ECDSA_WITH[parts.hash]));
  const toBeSigned = toBeSignedCertificate(parts, algorithm);
  return derSequence(toBeSigned, algorithm, derBitString(parts.sign(toBeSigned)));
}

/** RFC 5280 §4.1.2: `version [0], serial, signature, issuer, validity, subject, key, extensions [3]`. */
function toBeSignedCertificate(parts: CertificateParts, algorithm: Uint8Array): Uint8Array {
  const name = subject();
  return derSequence(
    derElement(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(parts.serial),
    algorithm,
    name,
    derSequence(derTime(parts.now - BACKDATED_MS), derTime(parts.now + LIFETIME_MS)),
    name,
    parts.publicKey,
    derElement(0xa3, derSequence(...extensions(parts.keyIdentifier))),
  );
}

/** `O=HashiCorp, CN=localhost`, as every go-plugin has it. */
function subject(): Uint8Array {
  const attribute = (type: string, value: string): Uint8Array =>
    derSet(derSequence(derOid(type), derPrintableString(value)));
  return derSequence(attribute('2.5.4.10', 'HashiCorp'), attribute('2.5.4.3', CERTIFICATE_NAME));
}

/** digitalSignature 0, keyEncipherment 2, keyAgreement 4, keyCertSign 5 (RFC 5280 §4.2.1.3). */
const KEY_USAGE_BITS = Uint8Array.of(0b1010_1100);
const KEY_USAGE_UNUSED_BITS = 2;

function extensions(keyIdentifier: Uint8Array): readonly Uint8Array[] {
  const dnsName = derElement(0x82, new TextEncoder().encode(CERTIFICATE_NAME));
  return [
    critical('2.5.29.15', derBitString(KEY_USAGE_BITS, KEY_USAGE_UNUSED_BITS)),
    // clientAuth, serverAuth
    extension('2.5.29.37', derSequence(derOid('1.3.6.1.5.5.7.3.2'), derOid('1.3.6.1.5.5.7.3.1'))),
    // CA: true, no path length
    critical('2.5.29.19', derSequence(derTrue())),
    extension('2.5.29.14', derOctetString(keyIdentifier)),
    extension('2.5.29.17', derSequence(dnsName)),
  ];
}

function extension(oid: string, value: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), derOctetString(value));
}

function critical(oid: string, value: Uint8Array): Uint8Array {
  return derSequence(derOid(oid), derTrue(), derOctetString(value));
}
