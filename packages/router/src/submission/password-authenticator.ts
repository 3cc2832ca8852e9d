import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Authenticator } from './authenticator.ts';

/** A user who logs in with a password of the configuration. */
export interface PasswordUser {
  readonly email: string;
  readonly password: string;
}

/**
 * Compares passwords in constant time: both sides become digests of one length under a key that
 * exists only in this process, so neither length nor content of a password shows in the time taken,
 * and no password is kept. An unknown user is compared with a digest nothing leads to.
 */
export class PasswordAuthenticator implements Authenticator {
  readonly #key = randomBytes(32);
  /** By lower-cased email. */
  readonly #users: ReadonlyMap<string, { readonly email: string; readonly digest: Buffer }>;
  readonly #nobody = { email: '', digest: randomBytes(32) };

  constructor(users: Iterable<PasswordUser>) {
    const entries = [...users].map(
      ({ email, password }) => [email.toLowerCase(), { email, digest: this.#digest(password) }] as const,
    );
    this.#users = new Map(entries);
  }

  authenticate(username: string, password: string): string | undefined {
    const user = this.#users.get(username.toLowerCase()) ?? this.#nobody;
    const isEqual = timingSafeEqual(this.#digest(password), user.digest);
    return isEqual && user !== this.#nobody ? user.email : undefined;
  }

  #digest(password: string): Buffer {
    return createHmac('sha256', this.#key).update(password, 'utf8').digest();
  }
}
