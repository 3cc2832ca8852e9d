import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';

/** The authorities of one downstream: those of its `ca_file`, read once when first needed. */
export class TrustedAuthorities {
  readonly #caFile: string | undefined;
  #context: SecureContext | undefined;

  constructor(caFile: string | undefined) {
    this.#caFile = caFile;
  }

  /**
   * Undefined = the authorities built into Node. Throws when the file cannot be used, and reads it
   * again next time.
   */
  async load(): Promise<SecureContext | undefined> {
    if (this.#caFile === undefined) return undefined;
    this.#context ??= createSecureContext({ ca: await readPem(this.#caFile) });
    return this.#context;
  }
}

/** OpenSSL takes a file without any certificate for an empty list and says nothing. */
async function readPem(file: string): Promise<string> {
  const text = await readFile(file, 'latin1');
  if (!text.includes('-----BEGIN ')) throw new Error(`${file} holds no certificate in PEM format`);
  return text;
}
