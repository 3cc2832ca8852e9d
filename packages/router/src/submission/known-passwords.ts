/**
 * Remembers which password was right for which user, so that a busy client pays for a hash once. Only
 * digests under a key of this process come here, never passwords; each is forgotten an hour after it
 * was last of use.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** How long a password is remembered after it was last right. */
export const KNOWN_FOR_MS = 60 * 60_000;
/** Users remembered at a time; beyond, the one that logged in longest ago is forgotten. */
export const MAX_KNOWN = 10_000;

interface Known {
  readonly digest: Uint8Array;
  readonly until: number;
}

/** One digest for each user, since only one password is right. */
export class KnownPasswords {
  readonly #clock: Clock;
  /** By user, the longest unused first. */
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when this is the digest of the password that was right lately; then it is kept for longer. */
  isKnown(user: string, digest: Uint8Array): boolean {
    const known = this.#known.get(user);
    if (known === undefined) return false;
    if (known.until <= this.#clock.now()) {
      this.#known.delete(user);
      return false;
    }
    const isEqual = timingSafeEqual(known.digest, digest);
    if (isEqual) this.remember(user, digest);
    return isEqual;
  }

  /** `digest` has the same length each time. */
  remember(user: string, digest: Uint8Array): void {
    this.#known.delete(user);
    this.#known.set(user, { digest, until: this.#clock.now() + KNOWN_FOR_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}
