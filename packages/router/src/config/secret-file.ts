/** One password in one file. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Longest password file that is used. */
const MAX_SECRET_BYTES = 64 * 1024;

/** What a file holds, or what is wrong with it. */
export type SecretFileResult =
  | { readonly kind: 'ok'; readonly secret: string }
  /** A sentence that begins with the file. */
  | { readonly kind: 'bad'; readonly message: string };

/** For a configuration being read. */
export function readSecretFileNow(file: string): SecretFileResult {
  try {
    return secretIn(file, readFileSync(file));
  } catch (error) {
    return unreadable(file, error);
  }
}

/** For a router that is running. Never rejects. */
export async function readSecretFile(file: string): Promise<SecretFileResult> {
  try {
    return secretIn(file, await readFile(file));
  } catch (error) {
    return unreadable(file, error);
  }
}

/** One line break at the end is how editors save; it is no part of the password. */
function secretIn(file: string, bytes: Uint8Array): SecretFileResult {
  const secret = Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (secret !== '' && bytes.length <= MAX_SECRET_BYTES && !/\p{Cc}/u.test(secret)) {
    return { kind: 'ok', secret };
  }
  return { kind: 'bad', message: `${file} must hold one line with the password` };
}

function unreadable(file: string, error: unknown): SecretFileResult {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return { kind: 'bad', message: `${file} cannot be read (${code})` };
}
