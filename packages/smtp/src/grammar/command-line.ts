/** Command lines (RFC 5321 §2.4, §4.1.1): a verb, and an argument after a space. */
import { hasControlCharacter, hasWordAt, isAlpha } from './core-rules.ts';
import { decodeUtf8 } from './text-codec.ts';

const SPACE = 0x20;

/** Why a line is no command. */
export type CommandFault = 'control-character' | 'invalid-utf8' | 'no-verb';

/** A command taken apart, or why it is none. */
export type CommandLine =
  | { readonly kind: 'command'; readonly verb: string; readonly argument: string }
  | { readonly kind: 'fault'; readonly fault: CommandFault };

/**
 * command = verb [ SP argument ], given without its CRLF. The verb comes upper-cased; spaces after
 * verb and argument are tolerated (RFC 5321 §4.1.1); control characters, C1 included, are not.
 */
export function parseCommandLine(line: Uint8Array): CommandLine {
  const text = decodeUtf8(line);
  if (text === undefined) return { kind: 'fault', fault: 'invalid-utf8' };
  if (hasControlCharacter(text)) return { kind: 'fault', fault: 'control-character' };
  return parseCommand(text);
}

/** The same for a text without control characters. */
export function parseCommand(text: string): CommandLine {
  let verbEnd = 0;
  while (verbEnd < text.length && isAlpha(text.charCodeAt(verbEnd))) verbEnd += 1;
  if (verbEnd === 0 || (verbEnd < text.length && text.charCodeAt(verbEnd) !== SPACE)) {
    return { kind: 'fault', fault: 'no-verb' };
  }
  return { kind: 'command', verb: upperVerb(text, verbEnd), argument: trimSpaces(text, verbEnd) };
}

/** What a message needs, most of them at least once; no new string is made for them. */
const USUAL_VERBS = ['RCPT', 'MAIL', 'DATA', 'BDAT', 'EHLO', 'QUIT', 'RSET'];

function upperVerb(text: string, end: number): string {
  for (const verb of USUAL_VERBS) if (verb.length === end && hasWordAt(text, 0, verb)) return verb;
  return text.slice(0, end).toUpperCase();
}

/** The text from `start` without spaces at both ends; no other character counts as space. */
function trimSpaces(text: string, start: number): string {
  let begin = start;
  let end = text.length;
  while (begin < end && text.charCodeAt(begin) === SPACE) begin += 1;
  while (end > begin && text.charCodeAt(end - 1) === SPACE) end -= 1;
  return begin === end ? '' : text.slice(begin, end);
}
