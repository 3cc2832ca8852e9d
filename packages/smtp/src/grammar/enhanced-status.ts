/** Enhanced status codes (RFC 3463, RFC 2034): `class.subject.detail`. */
import { isDigit, NO_MATCH } from './core-rules.ts';
import type { ReplyClass } from './reply.ts';

const DOT = 0x2e;
const ZERO = 0x30;
const SPACE = 0x20;

/** What a server says when nothing more specific is known, by reply code; else `class.0.0`. */
const USUAL_CODES: ReadonlyMap<number, string> = new Map([
  [235, '2.7.0'],
  [421, '4.3.2'],
  [450, '4.2.0'],
  [451, '4.3.0'],
  [452, '4.3.1'],
  [454, '4.7.0'],
  [500, '5.5.2'],
  [501, '5.5.4'],
  [502, '5.5.1'],
  [503, '5.5.1'],
  [504, '5.5.4'],
  [530, '5.7.0'],
  [534, '5.7.9'],
  [535, '5.7.8'],
  [538, '5.7.11'],
  [550, '5.7.0'],
  [552, '5.3.4'],
  [554, '5.0.0'],
  [555, '5.5.4'],
]);

/** First digit of a reply code in words; undefined when the code is none of an SMTP reply. */
export function replyClass(code: number): ReplyClass | undefined {
  switch (Math.floor(code / 100)) {
    case 2:
      return 'positive-completion';
    case 3:
      return 'positive-intermediate';
    case 4:
      return 'transient-negative';
    case 5:
      return 'permanent-negative';
    default:
      return undefined;
  }
}

/** True for a well-formed enhanced status code. */
export function isEnhancedCode(text: string): boolean {
  const end = enhancedCode(text);
  return end !== NO_MATCH && end === text.length;
}

/** status-code = ( "2" / "4" / "5" ) "." number "." number, at the beginning of a text (RFC 2034 §4) */
function enhancedCode(text: string): number {
  const digit = text.charCodeAt(0) - ZERO;
  if ((digit !== 2 && digit !== 4 && digit !== 5) || text.charCodeAt(1) !== DOT) return NO_MATCH;
  const subjectEnd = shortNumber(text, 2);
  if (subjectEnd === NO_MATCH || text.charCodeAt(subjectEnd) !== DOT) return NO_MATCH;
  return shortNumber(text, subjectEnd + 1);
}

/** 1*3DIGIT without leading zero */
function shortNumber(text: string, start: number): number {
  if (!isDigit(text.charCodeAt(start))) return NO_MATCH;
  if (text.charCodeAt(start) === ZERO) return start + 1;
  let end = start + 1;
  while (end < start + 3 && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** A fitting enhanced status code for a reply code; undefined for 3xx, which has none (RFC 2034 §4). */
export function enhancedCodeFor(code: number): string | undefined {
  const digit = Math.floor(code / 100);
  if (digit !== 2 && digit !== 4 && digit !== 5) return undefined;
  return USUAL_CODES.get(code) ?? `${digit}.0.0`;
}

/** A reply line taken apart. */
export interface EnhancedLine {
  /** Absent when the line has none, or one of another class than the reply. */
  readonly enhancedCode?: string;
  readonly text: string;
}

/** Takes the enhanced status code off a reply line (RFC 2034 §3). */
export function splitEnhancedCode(replyCode: number, line: string): EnhancedLine {
  // Most lines are told apart by their first two characters.
  const isCandidate = line.charCodeAt(1) === DOT && line.charCodeAt(0) - ZERO === Math.floor(replyCode / 100);
  const end = isCandidate ? enhancedCode(line) : NO_MATCH;
  if (end === NO_MATCH || (end < line.length && line.charCodeAt(end) !== SPACE)) return { text: line };
  return { enhancedCode: line.slice(0, end), text: line.slice(end + 1) };
}
