/**
 * Mailboxes (RFC 5321 §4.1.2): one strict parser for envelope addresses. Header syntax (comments,
 * folding, display names, obsolete forms) is no part of it.
 */
import { addressLiteral } from './address-literal.ts';
import { isAtext, isLongerThan, isUtf8NonAscii, NO_MATCH } from './core-rules.ts';
import { domain } from './domain.ts';
import type { Mailbox } from './envelope.ts';

/** Octets of a local-part (RFC 5321 §4.5.3.1.1). */
const MAX_LOCAL_PART_OCTETS = 64;
/** Octets of a domain (RFC 5321 §4.5.3.1.2). */
const MAX_DOMAIN_OCTETS = 255;

const AT = 0x40;
const DOT = 0x2e;
const QUOTE = 0x22;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;

/** What the address rules may meet. */
export interface AddressOptions {
  /** Accept characters beyond ASCII (RFC 6531 §3.3). Default false. */
  readonly isUtf8Allowed?: boolean;
}

/** A mailbox and the position behind it. */
export interface MailboxMatch {
  readonly mailbox: Mailbox;
  readonly end: number;
}

/** The whole text as a mailbox, `name@example.com`; undefined when it is none. */
export function parseMailbox(text: string, options: AddressOptions = {}): Mailbox | undefined {
  if (!text.isWellFormed()) return undefined;
  const match = mailbox(text, 0, options.isUtf8Allowed ?? false);
  return match?.end === text.length ? match.mailbox : undefined;
}

/** Mailbox = Local-part "@" ( Domain / address-literal ) */
export function mailbox(text: string, start: number, isUtf8Allowed: boolean): MailboxMatch | undefined {
  const at = localPart(text, start, isUtf8Allowed);
  if (at === NO_MATCH || text.charCodeAt(at) !== AT) return undefined;
  const end =
    text.charCodeAt(at + 1) === BRACKET ? addressLiteral(text, at + 1) : domain(text, at + 1, isUtf8Allowed);
  if (end === NO_MATCH) return undefined;
  if (isLongerThan(MAX_LOCAL_PART_OCTETS, text, start, at)) return undefined;
  if (isLongerThan(MAX_DOMAIN_OCTETS, text, at + 1, end)) return undefined;
  return { mailbox: { localPart: text.slice(start, at), domain: text.slice(at + 1, end) }, end };
}

/** Local-part = Dot-string / Quoted-string */
function localPart(text: string, start: number, isUtf8Allowed: boolean): number {
  return text.charCodeAt(start) === QUOTE
    ? quotedString(text, start, isUtf8Allowed)
    : dotString(text, start, isUtf8Allowed);
}

/** Dot-string = Atom *("." Atom) */
function dotString(text: string, start: number, isUtf8Allowed: boolean): number {
  let end = atom(text, start, isUtf8Allowed);
  while (end !== NO_MATCH && text.charCodeAt(end) === DOT) end = atom(text, end + 1, isUtf8Allowed);
  return end;
}

/** Atom = 1*atext; atext =/ UTF8-non-ascii */
function atom(text: string, start: number, isUtf8Allowed: boolean): number {
  let end = start;
  while (end < text.length && isAtomCode(text.charCodeAt(end), isUtf8Allowed)) end += 1;
  return end === start ? NO_MATCH : end;
}

function isAtomCode(code: number, isUtf8Allowed: boolean): boolean {
  return isAtext(code) || (isUtf8Allowed && isUtf8NonAscii(code));
}

/** Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE; quoted-pairSMTP = "\" %d32-126 */
function quotedString(text: string, start: number, isUtf8Allowed: boolean): number {
  let index = start + 1;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index + 1;
    if (code === BACKSLASH) {
      if (!isGraphicOrSpace(text.charCodeAt(index + 1))) return NO_MATCH;
      index += 2;
    } else if (isGraphicOrSpace(code) || (isUtf8Allowed && isUtf8NonAscii(code))) {
      index += 1;
    } else {
      return NO_MATCH;
    }
  }
  return NO_MATCH;
}

/** %d32-126 */
function isGraphicOrSpace(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}
