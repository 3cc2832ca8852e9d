/** Domain names of an envelope (RFC 5321 §4.1.2; U-labels by RFC 6531 §3.3). */
import { isLetDig, isUtf8NonAscii, NO_MATCH } from './core-rules.ts';

/** Octets of a label in DNS (RFC 1035 §2.3.4); a U-label is limited by the domain as a whole. */
const MAX_LABEL_OCTETS = 63;
const HYPHEN = 0x2d;
const DOT = 0x2e;

/** Domain = sub-domain *("." sub-domain) */
export function domain(text: string, start: number, isUtf8Allowed: boolean): number {
  let end = subDomain(text, start, isUtf8Allowed);
  while (end !== NO_MATCH && text.charCodeAt(end) === DOT) end = subDomain(text, end + 1, isUtf8Allowed);
  return end;
}

/** sub-domain = Let-dig [Ldh-str] / U-label; Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig */
function subDomain(text: string, start: number, isUtf8Allowed: boolean): number {
  let end = start;
  let isAscii = true;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    const isWide = isUtf8Allowed && isUtf8NonAscii(code);
    if (!isWide && code !== HYPHEN && !isLetDig(code)) break;
    if (isWide) isAscii = false;
    end += 1;
  }
  if (end === start || text.charCodeAt(start) === HYPHEN || text.charCodeAt(end - 1) === HYPHEN)
    return NO_MATCH;
  return isAscii && end - start > MAX_LABEL_OCTETS ? NO_MATCH : end;
}
