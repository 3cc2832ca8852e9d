/** Longest text of a foreign origin that is shown (reply texts relayed to a client or a log). */
const MAX_LENGTH = 400;

/**
 * A text that somebody else wrote, safe to show: whatever is not printable ASCII becomes '?', so that
 * it cannot forge a line of ours, and the rest is cut at `maxLength` characters (400 by default).
 */
export function printableText(text: string, maxLength: number = MAX_LENGTH): string {
  const visible = text.length > maxLength ? text.slice(0, maxLength) : text;
  return NOT_PRINTABLE.test(visible) ? visible.replaceAll(EACH_NOT_PRINTABLE, '?') : visible;
}

const NOT_PRINTABLE = /[^\x20-\x7e]/;
const EACH_NOT_PRINTABLE = /[^\x20-\x7e]/g;
