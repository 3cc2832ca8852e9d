/** Reverse-path and forward-path (RFC 5321 §4.1.2). */
import { hasWordAt, isLongerThan, NO_MATCH } from './core-rules.ts';
import { domain } from './domain.ts';
import type { Path } from './envelope.ts';
import { type AddressOptions, mailbox, parseMailbox } from './mailbox.ts';

/** Octets of a path, angle brackets included (RFC 5321 §4.5.3.1.3). */
const MAX_PATH_OCTETS = 256;
const POSTMASTER = '<POSTMASTER>';
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const AT = 0x40;

/** A path and the position behind its closing bracket. */
export interface PathMatch {
  readonly path: Path;
  readonly end: number;
}

/** The whole text as a path of either direction, brackets included; undefined when it is none. */
export function parsePath(text: string, options: AddressOptions = {}): Path | undefined {
  return parseReversePath(text, options) ?? parseForwardPath(text, options);
}

/** The whole text as a reverse-path: `<>` is one, `<Postmaster>` is not. */
export function parseReversePath(text: string, options: AddressOptions = {}): Path | undefined {
  return wholeOf(text, reversePath(text, 0, options));
}

/** The whole text as a forward-path: `<Postmaster>` is one, `<>` is not. */
export function parseForwardPath(text: string, options: AddressOptions = {}): Path | undefined {
  return wholeOf(text, forwardPath(text, 0, options));
}

/** True when `formatPath` answers a reverse-path for it. */
export function isReversePath(path: Path, options: AddressOptions = {}): boolean {
  return isUsual(path, options) || parseReversePath(formatPath(path), options) !== undefined;
}

/** True when `formatPath` answers a forward-path for it. */
export function isForwardPath(path: Path, options: AddressOptions = {}): boolean {
  return isUsual(path, options) || parseForwardPath(formatPath(path), options) !== undefined;
}

/** A mailbox between the brackets, as nearly always: told without putting brackets around it. */
function isUsual({ address }: Path, options: AddressOptions): boolean {
  const isShort = !isLongerThan(MAX_PATH_OCTETS - 2, address, 0, address.length);
  return isShort && parseMailbox(address, options) !== undefined;
}

/** Angle brackets around the address, as in a command. */
export function formatPath(path: Path): string {
  return `<${path.address}>`;
}

/** Reverse-path = Path / "<>" */
export function reversePath(text: string, start: number, options: AddressOptions): PathMatch | undefined {
  if (text.startsWith('<>', start)) return { path: { address: '' }, end: start + 2 };
  return path(text, start, options.isUtf8Allowed ?? false);
}

/** Forward-path = Path, with `"<Postmaster>"` in any case (RFC 5321 §4.1.1.3) */
export function forwardPath(text: string, start: number, options: AddressOptions): PathMatch | undefined {
  if (!hasWordAt(text, start, POSTMASTER)) return path(text, start, options.isUtf8Allowed ?? false);
  const end = start + POSTMASTER.length;
  const address = text.slice(start + 1, end - 1);
  return { path: { address, mailbox: { localPart: address, domain: '' } }, end };
}

/** Path = "<" [ A-d-l ":" ] Mailbox ">" */
function path(text: string, start: number, isUtf8Allowed: boolean): PathMatch | undefined {
  if (text.charCodeAt(start) !== LESS_THAN || !text.isWellFormed()) return undefined;
  const addressStart =
    text.charCodeAt(start + 1) === AT ? sourceRoute(text, start + 1, isUtf8Allowed) : start + 1;
  if (addressStart === NO_MATCH) return undefined;
  const match = mailbox(text, addressStart, isUtf8Allowed);
  if (match === undefined || text.charCodeAt(match.end) !== GREATER_THAN) return undefined;
  const end = match.end + 1;
  if (isLongerThan(MAX_PATH_OCTETS, text, start, end)) return undefined;
  return { path: { address: text.slice(addressStart, match.end), mailbox: match.mailbox }, end };
}

/** A-d-l ":" with A-d-l = At-domain *( "," At-domain ) and At-domain = "@" Domain */
function sourceRoute(text: string, start: number, isUtf8Allowed: boolean): number {
  let index = start;
  while (text[index] === '@') {
    const end = domain(text, index + 1, isUtf8Allowed);
    if (end === NO_MATCH) return NO_MATCH;
    if (text[end] === ':') return end + 1;
    if (text[end] !== ',') return NO_MATCH;
    index = end + 1;
  }
  return NO_MATCH;
}

function wholeOf(text: string, match: PathMatch | undefined): Path | undefined {
  return match?.end === text.length ? match.path : undefined;
}
