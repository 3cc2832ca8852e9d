/**
 * What may stand in a log line: texts without the secrets of the configuration, addresses as far as
 * `log.addresses` allows. Secrets never get into events; this is the second lock, for texts that
 * others wrote: replies of downstreams, reasons and output of plugins.
 */
import { createHash } from 'node:crypto';
import { SecretFilter } from './secret-filter.ts';

/** `full`: as they are; `domain`: `*@example.com`; `hash`: `sha256:` and 16 digits of the lower-cased address. */
export type AddressDisplay = 'full' | 'domain' | 'hash';

/** Longer texts are cut: no line grows by what others wrote. */
const MAX_TEXT_LENGTH = 2_000;
/** Anything around an `@`, quoted local-parts included; bounded, so that it cannot backtrack far. */
const ADDRESS = /(?:"[^"\r\n]{1,64}"|[^\s<>()[\]"',;:]{1,64})@[^\s<>()"',;]{1,255}/g;

const NO_SECRETS: readonly string[] = [];

/** How to show things. */
export interface LogPrivacyOptions {
  readonly addresses: AddressDisplay;
  /** Secrets in use now: the same array as long as they are the same, another one after a reload. */
  readonly secrets?: () => readonly string[];
}

/** Shows texts and addresses the way they may be logged. */
export class LogPrivacy {
  readonly #mask: (address: string) => string;
  /** Addresses are masked in one way or another. */
  readonly #isMasking: boolean;
  readonly #secrets: () => readonly string[];
  /** What `#filter` was made of. */
  #known: readonly string[] = [];
  #filter = new SecretFilter([]);

  constructor(options: LogPrivacyOptions) {
    this.#mask = MASKS[options.addresses];
    this.#isMasking = options.addresses !== 'full';
    this.#secrets = options.secrets ?? (() => NO_SECRETS);
  }

  /** An address of an envelope; the null reverse-path stays empty. */
  address(address: string): string {
    return this.#isMasking ? this.#mask(address) : this.#scrub(address);
  }

  /** A text somebody wrote, perhaps with addresses in it. */
  text(text: string): string {
    const clean = this.#scrub(text);
    const short = clean.length > MAX_TEXT_LENGTH ? `${clean.slice(0, MAX_TEXT_LENGTH)}…` : clean;
    return this.#isMasking && short.includes('@') ? short.replace(ADDRESS, this.#mask) : short;
  }

  #scrub(text: string): string {
    const secrets = this.#secrets();
    if (secrets !== this.#known) {
      if (!areEqual(secrets, this.#known)) this.#filter = new SecretFilter(secrets);
      this.#known = secrets;
    }
    return this.#filter.clean(text);
  }
}

/** How an address is shown; secrets are not looked for. */
const MASKS: Readonly<Record<AddressDisplay, (address: string) => string>> = {
  full: (address) => address,
  domain: (address) => (address === '' ? '' : `*${domainOf(address)}`),
  hash: (address) => (address === '' ? '' : hashOf(address)),
};

/** With its `@`; empty for what has none. */
function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at);
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}

function hashOf(address: string): string {
  return `sha256:${createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 16)}`;
}
