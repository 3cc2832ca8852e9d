/**
 * Checks passwords that stand in the configuration, in clear or as argon2id hashes.
 *
 * In clear: both sides become digests of one length under a key that exists only in this process, so
 * neither length nor content of a password shows in the time taken, and no password is kept.
 *
 * Hashes take milliseconds and memory, so: a password that was right is remembered by its digest; the
 * same check under way is done once, however many connections ask for it; few are done at a time, and
 * clients wait in a bounded line. As soon as one user has a hash, every refusal costs one hash: a name
 * that nobody has, or whose password stands in clear, is checked against the hash of some other user,
 * always the same for one name, and refused whatever comes of it.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { addressGroup } from '../listener/address-group.ts';
import type { Authenticator, LoginVerdict } from './authenticator.ts';
import { FairLine } from './fair-line.ts';
import { KnownPasswords } from './known-passwords.ts';
import { verifyPassword } from './password-hash.ts';

/** A user who logs in with a password of the configuration. */
export type PasswordUser =
  | { readonly email: string; readonly password: string }
  /** An argon2id hash as a PHC string. */
  | { readonly email: string; readonly passwordHash: string };

export interface PasswordAuthenticatorOptions {
  /** Hashes computed at a time; below the size of libuv's pool, which files and name resolution need too. Default 2. */
  readonly maxConcurrentHashes?: number;
  /** True when the PHC string was made from the password. Default argon2id. */
  readonly verify?: (phc: string, password: string) => Promise<boolean>;
  readonly clock?: Clock;
}

const DEFAULT_CONCURRENT_HASHES = 2;
/** A hash takes 10 to 45 ms of a core, as busy as the machine is: two at a time, the last in line waits 0.3 to 1.5 s. */
const MAX_WAITING = 64;
/** Checks of one address that wait: connections of one client share theirs. */
const MAX_WAITING_PER_ADDRESS = 8;

const REFUSED: LoginVerdict = { kind: 'refused' };
const BUSY: LoginVerdict = { kind: 'busy' };

type Secret =
  | { readonly kind: 'digest'; readonly email: string; readonly digest: Buffer }
  | { readonly kind: 'hash'; readonly email: string; readonly phc: string };

/** One login as it is checked. */
interface Login {
  /** Lower-cased. */
  readonly name: string;
  readonly password: string;
  readonly digest: Buffer;
  /** Undefined when nobody has the name. */
  readonly secret: Secret | undefined;
  readonly clientAddress: string;
}

/** Checks the users of one configuration. */
export class PasswordAuthenticator implements Authenticator {
  readonly #key = randomBytes(32);
  /** What nothing leads to: compared with where there is nothing else. */
  readonly #nothing = randomBytes(32);
  /** By lower-cased email. */
  readonly #users: Map<string, Secret>;
  /** Every configured hash. */
  readonly #hashes: readonly string[];
  readonly #verify: (phc: string, password: string) => Promise<boolean>;
  readonly #known: KnownPasswords;
  readonly #line: FairLine;
  /** Checks that wait or run, by name and digest. As many as the line holds. */
  readonly #underWay = new Map<string, Promise<LoginVerdict>>();

  constructor(users: Iterable<PasswordUser>, options: PasswordAuthenticatorOptions = {}) {
    this.#users = new Map([...users].map((user) => [user.email.toLowerCase(), this.#secretOf(user)]));
    this.#hashes = [...this.#users.values()].flatMap((secret) => (secret.kind === 'hash' ? secret.phc : []));
    this.#verify = options.verify ?? verifyPassword;
    this.#known = new KnownPasswords(options.clock ?? systemClock);
    this.#line = new FairLine({
      maxRunning: options.maxConcurrentHashes ?? DEFAULT_CONCURRENT_HASHES,
      maxWaiting: MAX_WAITING,
      maxWaitingPerKey: MAX_WAITING_PER_ADDRESS,
    });
  }

  authenticate(
    username: string,
    password: string,
    clientAddress: string,
  ): LoginVerdict | Promise<LoginVerdict> {
    const name = username.toLowerCase();
    const secret = this.#users.get(name);
    const digest = this.#digest(password);
    const isRight = this.#isKnown(name, secret, digest);
    if (isRight && secret !== undefined) return { kind: 'accepted', user: secret.email };
    if (this.#hashes.length === 0) return REFUSED;
    return this.#checkOnce({ name, password, digest, secret, clientAddress });
  }

  /** Another password for a user whose password stands in clear; without effect for anybody else. */
  renewPassword(email: string, password: string): void {
    const name = email.toLowerCase();
    const secret = this.#users.get(name);
    if (secret?.kind === 'digest') this.#users.set(name, this.#secretOf({ email: secret.email, password }));
  }

  /** Right without the work of a hash. */
  #isKnown(name: string, secret: Secret | undefined, digest: Buffer): boolean {
    if (secret?.kind === 'hash') return this.#known.isKnown(name, digest);
    return timingSafeEqual(secret?.digest ?? this.#nothing, digest);
  }

  #checkOnce(login: Login): Promise<LoginVerdict> {
    const id = `${login.digest.toString('base64')} ${login.name}`;
    const same = this.#underWay.get(id);
    if (same !== undefined) return same;
    const check = this.#check(login).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, check);
    return check;
  }

  async #check(login: Login): Promise<LoginVerdict> {
    const { name, password, digest, secret } = login;
    const phc = secret?.kind === 'hash' ? secret.phc : this.#decoyFor(name);
    const isEqual = await this.#line.run(addressGroup(login.clientAddress), () =>
      this.#verify(phc, password),
    );
    if (isEqual === undefined) return BUSY;
    if (!isEqual || secret?.kind !== 'hash') return REFUSED;
    this.#known.remember(name, digest);
    return { kind: 'accepted', user: secret.email };
  }

  /** One of the configured hashes, so that names nobody has are as slow as those somebody has. */
  #decoyFor(name: string): string {
    const number = this.#digest(name).readUInt32BE(0);
    return this.#hashes[number % this.#hashes.length] ?? '';
  }

  #secretOf(user: PasswordUser): Secret {
    const { email } = user;
    if ('passwordHash' in user) return { kind: 'hash', email, phc: user.passwordHash };
    return { kind: 'digest', email, digest: this.#digest(user.password) };
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text, 'utf8').digest();
  }
}
