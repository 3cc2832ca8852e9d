/** What JSON writes in another way than it stands, and whatever is not ASCII. */
const SPECIAL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** A text as JSON has it between quotes; mostly that is the text itself. */
export function jsonText(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

/** A number as JSON has it: there is none for infinity and for what is no number. */
export function jsonNumber(value: number): string {
  return Number.isFinite(value) ? `${value}` : 'null';
}

/** An array of texts. */
export function jsonTexts(texts: readonly string[]): string {
  const [first, second] = texts;
  if (first === undefined) return '[]';
  if (second === undefined) return `["${jsonText(first)}"]`;
  return JSON.stringify(texts);
}
