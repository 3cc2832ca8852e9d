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

/** An address and where it stands. */
export interface LocatedMailbox {
  /** As written, line ends of folding removed. */
  readonly address: string;
  /** Byte positions in the value: of the first byte of the address, and behind its last one. */
  readonly start: number;
  readonly end: number;
}

/** A word or special of the value; one character of `text` is one byte. */
interface Token {
  readonly kind: 'atom' | 'quoted' | 'literal' | 'special';
  readonly text: string;
  /** Byte position in the value. */
  readonly start: number;
  /** True when nothing stands between it and the token before. */
  readonly isAdjacent: boolean;
}

/** Addresses as written, in order; undefined when the value is no list of mailboxes or holds none. */
export function fromMailboxes(value: string): readonly string[] | undefined {
  return locateFromMailboxes(Buffer.from(value))?.map(({ address }) => address);
}

/**
 * The same for the bytes of a value as they stand in a message, folding included (RFC 5322 §2.2.3), the
 * line end behind the field left out.
 */
export function locateFromMailboxes(value: Uint8Array): readonly LocatedMailbox[] | undefined {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const mailboxes = new MailboxListReader(tokens).read();
  return mailboxes === undefined || mailboxes.length === 0 ? undefined : mailboxes;
}

/** Reads one token after the other; undefined from a rule = the value is not understood. */
class MailboxListReader {
  readonly #tokens: readonly Token[];
  readonly #mailboxes: LocatedMailbox[] = [];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): readonly LocatedMailbox[] | undefined {
    do {
      if (!this.#entry(true)) return undefined;
    } while (this.#take(','));
    return this.#next === this.#tokens.length ? this.#mailboxes : undefined;
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
    const raw = parts.map(({ text }) => text).join('');
    const address = readable(raw);
    if (address === undefined) return false;
    const at = parts[0]?.start ?? 0;
    this.#mailboxes.push({ address, start: at, end: at + raw.length });
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

/** The text of bytes that are UTF-8 throughout and short enough; otherwise nobody knows which address was meant. */
function readable(raw: string): string | undefined {
  const address = Buffer.from(raw.replaceAll(/\r?\n/g, ''), 'latin1').toString();
  const isUnclear = address.includes('\ufffd') || /[\u0080-\u009f]/.test(address);
  return isUnclear || address.length > MAX_ADDRESS_LENGTH ? undefined : address;
}

const SPECIALS = '<>@,:;.';
/** atext of RFC 5322 §3.2.3, and every byte beyond ASCII. */
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\u00ff]+/y;
/** qcontent of RFC 5322 §3.2.4 and folding. */
const QUOTED = /"(?:[\t !#-[\]-~\u0080-\u00ff]|\\[ -~\u0080-\u00ff]|\r?\n(?=[ \t]))*"/y;
/** dtext of RFC 5322 §3.4.1. */
const LITERAL = /\[[!-Z^-~]*\]/y;
const ATOM_WORD = ['atom', ATOM] as const;
/** Words that are told by their first character. */
const WORDS: Readonly<Record<string, readonly ['quoted' | 'literal', RegExp]>> = {
  '"': ['quoted', QUOTED],
  '[': ['literal', LITERAL],
};
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
  if (SPECIALS.includes(character)) {
    return { kind: 'special', text: character, start: index, isAdjacent };
  }
  const [kind, pattern] = WORDS[character] ?? ATOM_WORD;
  pattern.lastIndex = index;
  const text = pattern.exec(value)?.[0];
  return text === undefined ? undefined : { kind, text, start: index, isAdjacent };
}

/** CFWS = white space and comments (RFC 5322 §3.2.2). Undefined when a comment does not end. */
function skipBlank(value: string, from: number): number | undefined {
  let depth = 0;
  for (let index = from; index < value.length; index += 1) {
    const character = value[index];
    if (character === '(') depth += 1;
    else if (depth > 0 && character === ')') depth -= 1;
    else if (depth > 0 && character === '\\') index += 1;
    else if (depth === 0 && character !== ' ' && character !== '\t' && !isFold(value, index)) return index;
  }
  return depth === 0 ? value.length : undefined;
}

/** A line end that white space follows, or its second half. */
function isFold(value: string, index: number): boolean {
  const lineFeed = value[index] === '\r' ? index + 1 : index;
  if (value[lineFeed] !== '\n') return false;
  const next = value[lineFeed + 1];
  return next === ' ' || next === '\t';
}
