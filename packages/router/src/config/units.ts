/** Durations and sizes with their units, as a configuration writes them: `30s`, `25MB`. */

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Decimal units are powers of 1000, binary ones of 1024. */
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** What a duration looks like; also the pattern of the JSON Schema. */
export const DURATION_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** What a size looks like. */
export const SIZE_PATTERN = /^(\d{1,12}(?:\.\d{1,3})?)(B|kB|KB|MB|GB|KiB|MiB|GiB)$/;

/** Whole milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, DURATION_PATTERN, MILLISECONDS);
}

/** Whole bytes, or undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, SIZE_PATTERN, BYTES);
}

function parseQuantity(
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const match = pattern.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const value = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(value) ? value : undefined;
}
