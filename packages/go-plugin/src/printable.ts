/**
 * Untrusted text made fit for an error message or a log line: control characters become spaces and
 * whatever exceeds `maxLength` characters is cut with an ellipsis.
 */
export function printable(text: string, maxLength = 120): string {
  const shown = text
    .slice(0, maxLength + 1)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim();
  return text.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown;
}
