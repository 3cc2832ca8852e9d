/** A certificate and its key, as PEM files hold them: read, and checked to belong together. */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** Where the two files are; absolute paths. */
export interface CertificateFiles {
  readonly certFile: string;
  /** The key, without a passphrase. */
  readonly keyFile: string;
}

/** Both files as they were read together. */
export interface CertificatePair {
  /** The certificate of this server first, then those that lead to an authority. */
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
  /** Equal for equal files only; tells nothing of the key. */
  readonly fingerprint: string;
}

/** What is known of a pair that can be served. */
export interface CertificateFacts {
  /** Unix milliseconds. */
  readonly validUntil: number;
}

/** Chains of certificates have a few kilobytes. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads both files; one sentence that names the file when that is impossible. Never rejects. */
export async function readCertificatePair(files: CertificateFiles): Promise<CertificatePair | string> {
  const [cert, key] = await Promise.all([readOne(files.certFile), readOne(files.keyFile)]);
  return pairOf(cert, key);
}

/** The same while nothing else runs, for checking a configuration. */
export function readCertificatePairSync(files: CertificateFiles): CertificatePair | string {
  return pairOf(readOneSync(files.certFile), readOneSync(files.keyFile));
}

/** Whether the two can be served together; one sentence that names the file when they cannot. */
export function examinePair(pair: CertificatePair, files: CertificateFiles): CertificateFacts | string {
  const certificate = parsedBy(() => new X509Certificate(pair.cert));
  if (certificate === undefined) return `${files.certFile} holds no certificate in PEM format`;
  const key = readKey(pair.key, files.keyFile);
  if (typeof key === 'string') return key;
  // Left to itself OpenSSL serves a pair of different types, and every handshake fails.
  if (!certificate.checkPrivateKey(key)) {
    return `${files.keyFile} is not the key of the certificate in ${files.certFile}`;
  }
  return { validUntil: certificate.validToDate.getTime() };
}

function readKey(bytes: Uint8Array, file: string): KeyObject | string {
  const text = Buffer.from(bytes).toString('latin1');
  const key = parsedBy(() => createPrivateKey(text));
  if (key !== undefined) return key;
  // PKCS #8 says it in the first line, the older form in a header of its own.
  const isEncrypted = text.includes('BEGIN ENCRYPTED PRIVATE KEY') || text.includes('Proc-Type: 4,ENCRYPTED');
  return isEncrypted
    ? `${file} needs a passphrase; store the key without one`
    : `${file} holds no private key in PEM format`;
}

function parsedBy<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function pairOf(cert: Uint8Array | string, key: Uint8Array | string): CertificatePair | string {
  if (typeof cert === 'string') return cert;
  if (typeof key === 'string') return key;
  const hash = createHash('sha256').update(`${cert.length} `).update(cert).update(key);
  return { cert, key, fingerprint: hash.digest('base64') };
}

async function readOne(file: string): Promise<Uint8Array | string> {
  try {
    return isReadable(await stat(file)) ? await readFile(file) : notOneOfThem(file);
  } catch (error) {
    return unreadable(file, error);
  }
}

function readOneSync(file: string): Uint8Array | string {
  try {
    return isReadable(statSync(file)) ? readFileSync(file) : notOneOfThem(file);
  } catch (error) {
    return unreadable(file, error);
  }
}

/** A pipe or a device would never end. */
function isReadable(found: Stats): boolean {
  return found.isFile() && found.size <= MAX_FILE_BYTES;
}

function notOneOfThem(file: string): string {
  return `${file} is no PEM file with a certificate or key`;
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${code})`;
}
