/** Address literals (RFC 5321 §4.1.3): `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:anything]`. */
import { isHexDigit, isLetDig, NO_MATCH } from './core-rules.ts';

const IPV6_TAG = 'ipv6:';

/** address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]" */
export function addressLiteral(text: string, start: number): number {
  if (text[start] !== '[') return NO_MATCH;
  const close = text.indexOf(']', start);
  if (close === -1) return NO_MATCH;
  return isLiteralContent(text.slice(start + 1, close)) ? close + 1 : NO_MATCH;
}

function isLiteralContent(content: string): boolean {
  const tag = content.slice(0, IPV6_TAG.length);
  if (tag.toLowerCase() === IPV6_TAG) return isIpv6Address(content.slice(IPV6_TAG.length));
  return isIpv4Address(content) || isGeneralLiteral(content);
}

/** IPv4-address-literal = Snum 3("."  Snum) */
function isIpv4Address(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every(isSnum);
}

/** Snum = 1*3DIGIT, a decimal integer between 0 and 255 */
function isSnum(text: string): boolean {
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= 255;
}

/** IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp; "::" stands for two groups at least. */
function isIpv6Address(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const [head = '', tail] = halves;
  if (tail === undefined) return countGroups(head, true) === 8;
  const before = head === '' ? 0 : countGroups(head, false);
  const after = tail === '' ? 0 : countGroups(tail, true);
  return before !== NO_MATCH && after !== NO_MATCH && before + after <= 6;
}

/** Groups of 16 bits in `IPv6-hex *(":" IPv6-hex)`, an IPv4 address at the end counting two; or NO_MATCH. */
function countGroups(text: string, canEndInIpv4: boolean): number {
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const endsInIpv4 = canEndInIpv4 && last.includes('.');
  if (endsInIpv4 && !isIpv4Address(last)) return NO_MATCH;
  const hexParts = endsInIpv4 ? parts.slice(0, -1) : parts;
  if (!hexParts.every(isIpv6Hex)) return NO_MATCH;
  return hexParts.length + (endsInIpv4 ? 2 : 0);
}

/** IPv6-hex = 1*4HEXDIG */
function isIpv6Hex(text: string): boolean {
  return text.length >= 1 && text.length <= 4 && [...text].every((char) => isHexDigit(char.charCodeAt(0)));
}

/** General-address-literal = Standardized-tag ":" 1*dcontent; Standardized-tag = Ldh-str */
function isGeneralLiteral(text: string): boolean {
  const colon = text.indexOf(':');
  const tag = text.slice(0, colon);
  const content = text.slice(colon + 1);
  if (colon < 1 || content === '' || tag.endsWith('-')) return false;
  return everyCode(tag, (code) => isLetDig(code) || code === 0x2d) && everyCode(content, isDcontent);
}

/** dcontent = %d33-90 / %d94-126 */
function isDcontent(code: number): boolean {
  return (code >= 33 && code <= 90) || (code >= 94 && code <= 126);
}

function everyCode(text: string, isAllowed: (code: number) => boolean): boolean {
  for (let index = 0; index < text.length; index += 1) if (!isAllowed(text.charCodeAt(index))) return false;
  return true;
}
