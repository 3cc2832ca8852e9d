/** Shorter secrets would garble ordinary words. */
const MIN_SECRET_LENGTH = 5;
const PAIRS = 65_536;
/** How far to go on from characters that stand nowhere in the beginning of a secret. */
const LONGEST_STEP = MIN_SECRET_LENGTH - 1;

/**
 * Takes known secrets out of texts. Its work follows the length of the text, however many secrets
 * there are: it looks at one pair of characters in four and goes on when no secret begins around it
 * (the search of Wu and Manber for many words at once).
 */
export class SecretFilter {
  /**
   * By the last pair of a window of `MIN_SECRET_LENGTH` characters (or one that shares its slot): how
   * far the window may go on without passing over a secret; 0 = a secret may begin with the window.
   */
  readonly #steps = new Uint8Array(PAIRS).fill(LONGEST_STEP);
  /** By their first `MIN_SECRET_LENGTH` characters; the longest first. */
  readonly #byStart = new Map<string, string[]>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) if (secret.length >= MIN_SECRET_LENGTH) this.#add(secret);
    for (const group of this.#byStart.values()) group.sort((a, b) => b.length - a.length);
  }

  /** The text with `[secret]` for each secret in it; the same text when there is none. */
  clean(text: string): string {
    let cleaned = '';
    let copiedTo = 0;
    let index = 0;
    while (index <= text.length - MIN_SECRET_LENGTH) {
      const step = this.#steps[pairAt(text, index + LONGEST_STEP - 1)] ?? 0;
      const secret = step === 0 ? this.#secretAt(text, index) : undefined;
      if (secret === undefined) {
        index += step === 0 ? 1 : step;
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
    for (let index = 0; index < LONGEST_STEP; index += 1) {
      const pair = pairAt(secret, index);
      this.#steps[pair] = Math.min(this.#steps[pair] ?? 0, LONGEST_STEP - 1 - index);
    }
    const start = secret.slice(0, MIN_SECRET_LENGTH);
    const group = this.#byStart.get(start);
    if (group === undefined) this.#byStart.set(start, [secret]);
    else group.push(secret);
  }
}

function pairAt(text: string, index: number): number {
  return ((text.charCodeAt(index) << 8) ^ text.charCodeAt(index + 1)) & (PAIRS - 1);
}
