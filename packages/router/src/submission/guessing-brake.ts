/**
 * Makes guessing of passwords slow. Every failed login is told late, the later the more of them there
 * were from the client's address or for the name; a right password is told at once, so guesses from
 * elsewhere never slow down or refuse whom the name belongs to.
 *
 * A guesser may not wait for the answer and go on with another connection. So failures that are held
 * back are counted, connected or not: when one address holds too many, for one name or over all names,
 * its further logins are not checked until some have been told. That alone bounds the rate of guesses;
 * it concerns nobody at another address.
 *
 * Addresses are counted as `addressGroup` says. Why it is our own: docs/decisions/0006-guessing-of-passwords.md.
 */
import { type Clock, systemClock } from '../clock.ts';
import { addressGroup } from '../listener/address-group.ts';
import { FailureMemory } from './failure-memory.ts';

/** The first failure is told so late, each further one twice as late. */
const FIRST_DELAY_MS = 250;
/** Shorter than what clients wait for a reply, so that they hear 535 and not a time-out of their own. */
const LONGEST_DELAY_MS = 10_000;
/** Doublings until the longest delay is passed; keeps the power finite. */
const MAX_DOUBLINGS = 10;
const FORGET_AFTER_MS = 15 * 60_000;
/** Of addresses, of names and of pairs of both; a few MB when all are full. */
const MAX_KEYS = 10_000;
/** With the longest delay: 1.6 guesses a second at one name from one address. */
const MAX_HELD_PER_LOGIN = 16;
/** With the longest delay: 25.6 guesses a second from one address. */
const MAX_HELD_PER_ADDRESS = 256;
/** Longest name that is told apart; no configured one is longer. */
const MAX_NAME_LENGTH = 320;

/** One brake serves all listeners of a router. */
export class GuessingBrake {
  readonly #addresses: FailureMemory;
  readonly #names: FailureMemory;
  readonly #logins: FailureMemory;

  constructor(clock: Clock = systemClock) {
    const options = { clock, forgetAfterMs: FORGET_AFTER_MS, maxKeys: MAX_KEYS };
    this.#addresses = new FailureMemory(options);
    this.#names = new FailureMemory(options);
    this.#logins = new FailureMemory(options);
  }

  /** False while too many failures of this address are held back: then nothing is to be checked. */
  mayTry(clientAddress: string, username: string): boolean {
    const { address, login } = keysOf(clientAddress, username);
    return (
      this.#logins.held(login) < MAX_HELD_PER_LOGIN && this.#addresses.held(address) < MAX_HELD_PER_ADDRESS
    );
  }

  /** Counts a failed login; the client is to hear of it after so many milliseconds. */
  failed(clientAddress: string, username: string): number {
    const { address, name, login } = keysOf(clientAddress, username);
    const failures = Math.max(this.#addresses.add(address), this.#names.add(name));
    const doublings = Math.min(failures - 1, MAX_DOUBLINGS);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** doublings, LONGEST_DELAY_MS);
    this.#logins.add(login);
    this.#logins.hold(login, delayMs);
    this.#addresses.hold(address, delayMs);
    return delayMs;
  }
}

function keysOf(clientAddress: string, username: string) {
  const address = addressGroup(clientAddress);
  const name = username.slice(0, MAX_NAME_LENGTH).toLowerCase();
  return { address, name, login: `${address} ${name}` };
}
