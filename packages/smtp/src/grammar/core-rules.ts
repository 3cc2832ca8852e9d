/**
 * Character classes that the rules of RFC 5321 are built of, over UTF-16 code units of a well-formed
 * string; and the convention of all rules here: a rule takes a text and a position and answers the
 * position behind what it matched, or `NO_MATCH`.
 */

/** A rule did not match. */
export const NO_MATCH = -1;

/** ALPHA = %x41-5A / %x61-7A (RFC 5234 §B.1) */
export function isAlpha(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** DIGIT = %x30-39 (RFC 5234 §B.1) */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** HEXDIG = DIGIT / "A" … "F", in either case (RFC 5234 §B.1) */
export function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** True when the text goes on with that word at `start`; the word is given in upper case, without regard to it. */
export function hasWordAt(text: string, start: number, word: string): boolean {
  if (text.length - start < word.length) return false;
  for (let index = 0; index < word.length; index += 1) {
    const code = text.charCodeAt(start + index);
    const upper = code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
    if (upper !== word.charCodeAt(index)) return false;
  }
  return true;
}

/** Let-dig = ALPHA / DIGIT (RFC 5321 §4.1.2) */
export function isLetDig(code: number): boolean {
  return isAlpha(code) || isDigit(code);
}

const ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";

/** 1 for atext, by code. */
const ATEXT: Uint8Array = Uint8Array.from({ length: 0x80 }, (_, code) =>
  isLetDig(code) || ATEXT_SPECIALS.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** atext = ALPHA / DIGIT / "!" / "#" … "~" (RFC 5322 §3.2.3) */
export function isAtext(code: number): boolean {
  return ATEXT[code] === 1;
}

/**
 * UTF8-non-ascii (RFC 6531 §3.3), without the C1 controls and the Unicode line separators: whoever
 * takes NEL or U+2028 for a line end must not meet one in an address.
 */
export function isUtf8NonAscii(code: number): boolean {
  return code >= 0xa0 && code !== 0x2028 && code !== 0x2029;
}

/** True when a control character occurs, C1 included. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}

/** True when every character is ASCII. */
export function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** True when the text between two positions has more octets than that; most are too short to be counted. */
export function isLongerThan(maxOctets: number, text: string, start: number, end: number): boolean {
  if ((end - start) * MAX_OCTETS_OF_CODE_UNIT <= maxOctets) return false;
  return octetLength(text.slice(start, end)) > maxOctets;
}

/** In UTF-8; a pair of surrogates has four. */
const MAX_OCTETS_OF_CODE_UNIT = 3;

/** Octets of a well-formed text in UTF-8: what the limits of RFC 5321 §4.5.3.1 count. */
export function octetLength(text: string): number {
  let octets = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) octets += 1;
    // Both halves of a surrogate pair count 2, 4 octets in all.
    if (code > 0x7ff && (code < 0xd800 || code > 0xdfff)) octets += 1;
  }
  return octets;
}
