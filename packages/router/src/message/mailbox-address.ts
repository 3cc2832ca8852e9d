/**
 * Best guess at the first address of an address list as found in header fields (RFC 5322 §3.4), for
 * logs and selectors. Envelope addresses never come near this reader: it is forgiving, they are not.
 */

/** Longest address SMTP can carry: local-part 64, '@', domain 255 (RFC 5321 §4.5.3.1). */
const MAX_ADDRESS_LENGTH = 320;
/** Nobody's first mailbox ends later; what follows is not looked at. */
const MAX_SCANNED_LENGTH = 10_000;

/** Where the reader is within the list; quotes and comments hide every special character. */
interface Scan {
  /** Depth of nested comments; 0 outside. */
  comments: number;
  isQuoted: boolean;
  isEscaped: boolean;
  isAngle: boolean;
  /** Candidate text: outside of angle brackets, or inside once `isAngle`. */
  text: string;
}

/** The address without display name, comments and brackets; '' when none can be made out. */
export function firstMailboxAddress(value: string): string {
  const scan: Scan = { comments: 0, isQuoted: false, isEscaped: false, isAngle: false, text: '' };
  for (const character of value.slice(0, MAX_SCANNED_LENGTH)) {
    if (readHidden(scan, character)) continue;
    if (!readSpecial(scan, character)) scan.text += character;
    else if (endsMailbox(scan, character)) break;
  }
  return plausible(scan.text.trim());
}

/** Inside quotes, comments or behind a backslash nothing is special; true = the character is dealt with. */
function readHidden(scan: Scan, character: string): boolean {
  const isHidden = scan.isQuoted || scan.comments > 0;
  if (!isHidden) return false;
  if (scan.isQuoted) scan.text += character;
  if (scan.isEscaped) scan.isEscaped = false;
  else if (character === '\\') scan.isEscaped = true;
  else if (scan.isQuoted) scan.isQuoted = character !== '"';
  else if (character === '(') scan.comments += 1;
  else if (character === ')') scan.comments -= 1;
  return true;
}

/** Takes note of a special character; false = it belongs to the text. */
function readSpecial(scan: Scan, character: string): boolean {
  switch (character) {
    case '"':
      scan.isQuoted = true;
      return false;
    case '(':
      scan.comments = 1;
      return true;
    case '<':
      scan.isAngle = true;
      scan.text = '';
      return true;
    case ':':
      // The name of a group, or an obsolete source route, ends here.
      scan.text = '';
      return true;
    case '>':
    case ',':
    case ';':
      return true;
    default:
      return false;
  }
}

/** A comma between routes (`<@a,@b:c@d>`) or before the first mailbox ends nothing. */
function endsMailbox(scan: Scan, character: string): boolean {
  if (character === '>') return scan.isAngle;
  if (character !== ',' && character !== ';') return false;
  if (scan.isAngle) return false;
  if (scan.text.trim() !== '') return true;
  scan.text = '';
  return false;
}

/** One '@' with something on both sides; outside of a quoted local-part no space, quote or control. */
function plausible(address: string): string {
  if (address.length > MAX_ADDRESS_LENGTH) return '';
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, Math.max(at, 0));
  const isQuoted = localPart.length > 2 && localPart.startsWith('"') && localPart.endsWith('"');
  const isLocalPart = isQuoted ? !hasControl(localPart) : isPlain(localPart);
  return isLocalPart && isPlain(address.slice(at + 1)) ? address : '';
}

function isPlain(part: string): boolean {
  return part !== '' && !/[\s"@<>()]/.test(part) && !hasControl(part);
}

function hasControl(part: string): boolean {
  return [...part].some((character) => character < ' ' || character === '\x7f');
}
