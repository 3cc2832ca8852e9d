/**
 * The mailboxes of a From field, read strictly (RFC 5322 §3.4 without the obsolete forms; groups by
 * RFC 6854; characters beyond ASCII by RFC 6532). Every mailbox is found or none: a list that two
 * programs might read in two ways is not understood at all.
 *
 *     mailbox-list = mailbox *("," mailbox)        mailbox = addr-spec / [phrase] "<" addr-spec ">"
 *     group        = phrase ":" [mailbox-list] ";"
 *
 * One pass over tokens; work and memory are linear in the length of the value.
 */

/** Longest address SMTP can carry: local-part 64, '@', domain 255 (RFC 5321 §4.5.3.1). */
const MAX_ADDRESS_LENGTH = 320;

interface Token {
  readonly kind: 'atom' | 'quoted' | 'literal' | 'special';
  readonly text: string;
  /** True when nothing stands between it and the token before. */
  readonly isAdjacent: boolean;
}

/** Addresses as written, in order; undefined when the value is no list of mailboxes or holds none. */
export function fromMailboxes(value: string): readonly string[] | undefined {
  const tokens = tokenize(value);
  if (tokens === undefined) return undefined;
  const addresses = new MailboxListReader(tokens).read();
  return addresses === undefined || addresses.length === 0 ? undefined : addresses;
}

/** Reads one token after the other; undefined from a rule = the value is not understood. */
class MailboxListReader {
  readonly #tokens: readonly Token[];
  readonly #addresses: string[] = [];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): readonly string[] | undefined {
    do {
      if (!this.#entry(true)) return undefined;
    } while (this.#take(','));
    return this.#next === this.#tokens.length ? this.#addresses : undefined;
  }

  /** A mailbox, or a group where one is possible. Words may be a phrase or the start of an addr-spec. */
  #entry(isGroupPossible: boolean): boolean {
    const start = this.#next;
    if (this.#address()) return true;
    this.#next = start;
    const hasPhrase = this.#phrase();
    if (this.#take('<')) return this.#address() && this.#take('>');
    return hasPhrase && isGroupPossible && this.#take(':') && this.#group();
  }

  #group(): boolean {
    if (this.#take(';')) return true;
    do {
      if (!this.#entry(false)) return false;
    } while (this.#take(','));
    return this.#take(';');
  }

  /** phrase = 1*word; the dot of `John Q. Public` is obsolete and everywhere (RFC 5322 §4.1). */
  #phrase(): boolean {
    const start = this.#next;
    while (this.#isWord(this.#tokens[this.#next]) || (this.#next > start && this.#is('.'))) this.#next += 1;
    return this.#next > start;
  }

  /** addr-spec = local-part "@" domain, with nothing between its parts. */
  #address(): boolean {
    const start = this.#next;
    if (!this.#localPart() || !this.#take('@') || !this.#domain()) return false;
    const parts = this.#tokens.slice(start, this.#next);
    if (parts.slice(1).some(({ isAdjacent }) => !isAdjacent)) return false;
    const address = parts.map(({ text }) => text).join('');
    if (address.length > MAX_ADDRESS_LENGTH || address.includes(BROKEN)) return false;
    this.#addresses.push(address);
    return true;
  }

  #localPart(): boolean {
    return this.#takeKind('quoted') || this.#dotAtom();
  }

  #domain(): boolean {
    return this.#takeKind('literal') || this.#dotAtom();
  }

  #dotAtom(): boolean {
    do {
      if (!this.#takeKind('atom')) return false;
    } while (this.#take('.'));
    return true;
  }

  #isWord(token: Token | undefined): boolean {
    return token?.kind === 'atom' || token?.kind === 'quoted';
  }

  #is(special: string): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === 'special' && token.text === special;
  }

  #take(special: string): boolean {
    const isThere = this.#is(special);
    if (isThere) this.#next += 1;
    return isThere;
  }

  #takeKind(kind: Token['kind']): boolean {
    const isThere = this.#tokens[this.#next]?.kind === kind;
    if (isThere) this.#next += 1;
    return isThere;
  }
}

const SPECIALS = '<>@,:;.';
/** atext of RFC 5322 §3.2.3, and every character beyond ASCII but controls. */
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u00a0-\uffff]+/y;
/** qcontent of RFC 5322 §3.2.4. */
const QUOTED = /"(?:[^"\\\p{Cc}]|\\[^\p{Cc}]|\t)*"/uy;
/** dtext of RFC 5322 §3.4.1. */
const LITERAL = /\[[!-Z^-~]*\]/y;
const ATOM_WORD = ['atom', ATOM] as const;
/** Words that are told by their first character. */
const WORDS: Readonly<Record<string, readonly ['quoted' | 'literal', RegExp]>> = {
  '"': ['quoted', QUOTED],
  '[': ['literal', LITERAL],
};
/** What bytes became that are no UTF-8: nobody knows which address they were meant to be. */
const BROKEN = '\ufffd';

/** The words and specials; comments and white space only leave their trace in `isAdjacent`. */
function tokenize(value: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let index = 0;
  while (index < value.length) {
    const start = skipBlank(value, index);
    if (start === undefined) return undefined;
    if (start === value.length) return tokens;
    const token = tokenAt(value, start, start === index);
    if (token === undefined) return undefined;
    tokens.push(token);
    index = start + token.text.length;
  }
  return tokens;
}

function tokenAt(value: string, index: number, isAdjacent: boolean): Token | undefined {
  const character = value.charAt(index);
  if (SPECIALS.includes(character)) return { kind: 'special', text: character, isAdjacent };
  const [kind, pattern] = WORDS[character] ?? ATOM_WORD;
  pattern.lastIndex = index;
  const text = pattern.exec(value)?.[0];
  return text === undefined ? undefined : { kind, text, isAdjacent };
}

/** CFWS = white space and comments (RFC 5322 §3.2.2). Undefined when a comment does not end. */
function skipBlank(value: string, from: number): number | undefined {
  let depth = 0;
  for (let index = from; index < value.length; index += 1) {
    const character = value[index];
    if (character === '(') depth += 1;
    else if (depth > 0 && character === ')') depth -= 1;
    else if (depth > 0 && character === '\\') index += 1;
    else if (depth === 0 && character !== ' ' && character !== '\t') return index;
  }
  return depth === 0 ? value.length : undefined;
}
