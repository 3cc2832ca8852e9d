/** Shorter secrets would garble ordinary words. */
const MIN_SECRET_LENGTH = 5;
const PAIRS = 65_536;

/**
 * Takes known secrets out of texts. Its work follows the length of the text, however many secrets
 * there are: most positions are passed over by a look at two characters.
 */
export class SecretFilter {
  /** 1 where a secret begins with this pair of characters (or one that shares its slot). */
  readonly #pairs = new Uint8Array(PAIRS);
  /** By their first `MIN_SECRET_LENGTH` characters; the longest first. */
  readonly #byStart = new Map<string, string[]>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) if (secret.length >= MIN_SECRET_LENGTH) this.#add(secret);
    for (const group of this.#byStart.values()) group.sort((a, b) => b.length - a.length);
  }

  /** The text with `[secret]` for each secret in it. */
  clean(text: string): string {
    let cleaned = '';
    let copiedTo = 0;
    let index = 0;
    while (index <= text.length - MIN_SECRET_LENGTH) {
      const secret = this.#pairs[pairAt(text, index)] === 1 ? this.#secretAt(text, index) : undefined;
      if (secret === undefined) {
        index += 1;
        continue;
      }
      cleaned += `${text.slice(copiedTo, index)}[secret]`;
      index += secret.length;
      copiedTo = index;
    }
    return copiedTo === 0 ? text : cleaned + text.slice(copiedTo);
  }

  #secretAt(text: string, index: number): string | undefined {
    const group = this.#byStart.get(text.slice(index, index + MIN_SECRET_LENGTH));
    return group?.find((secret) => text.startsWith(secret, index));
  }

  #add(secret: string): void {
    this.#pairs[pairAt(secret, 0)] = 1;
    const start = secret.slice(0, MIN_SECRET_LENGTH);
    const group = this.#byStart.get(start);
    if (group === undefined) this.#byStart.set(start, [secret]);
    else group.push(secret);
  }
}

function pairAt(text: string, index: number): number {
  return ((text.charCodeAt(index) << 8) ^ text.charCodeAt(index + 1)) % PAIRS;
}
