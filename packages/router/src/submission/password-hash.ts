/**
 * Hashes of passwords: argon2id (RFC 9106) as PHC strings,
 * `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>`. The work runs in libuv's thread pool.
 */
import { hash, verify } from '@node-rs/argon2';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. 10 to 45 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A PHC string with a salt of its own; argon2id is what the library makes unless told otherwise. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

/** True when the hash was made from the password. Rejects for what is no PHC string; configuration has checked it before. */
export function verifyPassword(phc: string, password: string): Promise<boolean> {
  return verify(phc, password);
}
