/** ESMTP parameters of MAIL and RCPT (RFC 5321 §4.1.2). What a keyword means is no matter of syntax. */
import { isLetDig, isUtf8NonAscii } from './core-rules.ts';
import type { EsmtpParameter } from './envelope.ts';

const HYPHEN = 0x2d;
const EQUALS = 0x3d;
const NO_PARAMETERS: readonly EsmtpParameter[] = [];

/**
 * esmtp-param *( SP esmtp-param ), each keyword once; undefined when malformed. Spaces at the end and
 * between parameters are tolerated; the empty text means no parameters.
 */
export function parseParameters(text: string): readonly EsmtpParameter[] | undefined {
  if (text === '') return NO_PARAMETERS;
  const parameters: EsmtpParameter[] = [];
  const keywords = new Set<string>();
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const parameter = parseParameter(word);
    if (parameter === undefined || keywords.has(parameter.keyword)) return undefined;
    keywords.add(parameter.keyword);
    parameters.push(parameter);
  }
  return parameters;
}

/** esmtp-param = esmtp-keyword ["=" esmtp-value]; undefined when the text is none. */
export function parseParameter(text: string): EsmtpParameter | undefined {
  const equals = text.indexOf('=');
  const keyword = equals === -1 ? text : text.slice(0, equals);
  if (!isKeyword(keyword)) return undefined;
  if (equals === -1) return { keyword: keyword.toUpperCase() };
  const value = text.slice(equals + 1);
  return isValue(value) ? { keyword: keyword.toUpperCase(), value } : undefined;
}

/** `KEYWORD` or `KEYWORD=value`, as in a command. */
export function formatParameter({ keyword, value }: EsmtpParameter): string {
  return value === undefined ? keyword : `${keyword}=${value}`;
}

/** esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
function isKeyword(text: string): boolean {
  if (!isLetDig(text.charCodeAt(0))) return false;
  for (let index = 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (!isLetDig(code) && code !== HYPHEN) return false;
  }
  return true;
}

/** esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii) (RFC 6531 §3.3) */
function isValue(text: string): boolean {
  if (text === '' || !text.isWellFormed()) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isGraphic = code >= 0x21 && code <= 0x7e && code !== EQUALS;
    if (!isGraphic && !isUtf8NonAscii(code)) return false;
  }
  return true;
}
