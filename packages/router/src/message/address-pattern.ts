/**
 * Patterns of mail addresses as configuration writes them: `app@example.com`, `*@example.com`,
 * `bounce-*@*.example.com`, or `*` for every address. A star stands for any characters, none included,
 * on its side of the '@'. Upper and lower case of ASCII letters are the same, everything else is
 * compared as it is written: what is spelt another way does not match, and so is not let through.
 */

/** The pieces of a text between the stars. */
type Glob = readonly string[];

/** One pattern, ready to be compared. */
export class AddressPattern {
  readonly #localPart: Glob;
  readonly #domain: Glob;

  constructor(pattern: string) {
    const at = pattern.lastIndexOf('@');
    this.#localPart = parseGlob(at < 0 ? '*' : pattern.slice(0, at));
    this.#domain = parseGlob(pattern.slice(at + 1));
  }

  /** False for what is no address; the domain begins behind the last '@'. */
  matches(address: string): boolean {
    const at = address.lastIndexOf('@');
    if (at <= 0) return false;
    const isDomain = matchesGlob(this.#domain, foldCase(address.slice(at + 1)));
    return isDomain && matchesGlob(this.#localPart, foldCase(address.slice(0, at)));
  }
}

/** True when one of the patterns matches; false when there is none. */
export function matchesAny(patterns: readonly AddressPattern[], address: string): boolean {
  return patterns.some((pattern) => pattern.matches(address));
}

function parseGlob(text: string): Glob {
  return foldCase(text).split('*');
}

/**
 * First piece at the start, last piece at the end, those between in order, each as early as possible: a
 * later place is never needed, so nothing is tried twice.
 */
function matchesGlob(glob: Glob, text: string): boolean {
  const first = glob[0] ?? '';
  if (glob.length === 1) return text === first;
  const last = glob[glob.length - 1] ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const middle = text.slice(first.length, end);
  let from = 0;
  for (const piece of glob.slice(1, -1)) {
    const found = middle.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return true;
}

function foldCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
