/** Longest piece of foreign text shown in a message, in characters. */
const MAX_QUOTED_CHARS = 64;

/**
 * Foreign text, made fit for a log line: in quotes, cut to 64 characters, everything outside
 * printable ASCII escaped, so that an answer of a plugin can never forge a line, a terminal sequence
 * or the end of the quotation.
 */
export function quote(text: string): string {
  const shown = text
    .slice(0, MAX_QUOTED_CHARS)
    .replace(/["\\]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, escapeUnit);
  return text.length > MAX_QUOTED_CHARS ? `"${shown}"…` : `"${shown}"`;
}

/**
 * Free text of a selector without what could break a line or its direction: control, format and
 * unpaired surrogate characters and line separators become spaces; letters of any script stay.
 */
export function withoutControls(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
