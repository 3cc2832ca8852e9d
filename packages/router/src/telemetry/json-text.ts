/** What JSON writes in another way than it stands, and whatever is not ASCII. */
const SPECIAL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** Integers up to this are cheap to write. */
const MAX_SMALL = 0x3fff_ffff;

/** A text as JSON has it between quotes; mostly that is the text itself. */
export function jsonText(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}

/** A number as JSON has it: there is none for infinity and for what is no number. */
export function jsonNumber(value: number): string {
  return Number.isFinite(value) ? `${value}` : 'null';
}

/** A number rounded to a tenth, as JSON has it; without the search for digits that fractions need. */
export function jsonTenths(value: number): string {
  const tenths = Math.round(value * 10);
  if (!(tenths >= 0 && tenths <= MAX_SMALL)) return jsonNumber(tenths / 10);
  const whole = Math.floor(tenths / 10);
  const tenth = tenths - whole * 10;
  return tenth === 0 ? `${whole}` : `${whole}.${tenth}`;
}

/** An array of texts; mostly of one. */
export function jsonTexts(texts: readonly string[]): string {
  const first = texts[0];
  return first === undefined || texts.length > 1 ? JSON.stringify(texts) : `["${jsonText(first)}"]`;
}
