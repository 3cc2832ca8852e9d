/**
 * The scan that content reading and dot-stuffing share: where is the next byte that can matter for
 * lines? It looks at sixteen bytes at a time, which is what lets content pass at memory speed.
 */

/** Everything below 14 is looked at closely: NUL, LF, CR, and some that turn out to be harmless. */
const FIRST_PLAIN = 14;
const FIRST_PLAIN_IN_EACH = 0x0e0e0e0e;
const HIGH_BIT_IN_EACH = 0x80808080;

/** A view of the bytes for `nextLineByte`. */
export function scanView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Index of the first byte below 14 at or after `start`; the length when there is none. */
export function nextLineByte(bytes: Uint8Array, view: DataView, start: number): number {
  const length = bytes.length;
  let index = start;
  while (index + 16 <= length) {
    const isPlain =
      (marksOf(view.getInt32(index, true)) |
        marksOf(view.getInt32(index + 4, true)) |
        marksOf(view.getInt32(index + 8, true)) |
        marksOf(view.getInt32(index + 12, true))) ===
      0;
    if (!isPlain) break;
    index += 16;
  }
  while (index + 4 <= length) {
    const marks = marksOf(view.getInt32(index, true));
    if (marks !== 0) return index + ((31 - Math.clz32(marks & -marks)) >> 3);
    index += 4;
  }
  while (index < length && (bytes[index] ?? 0) >= FIRST_PLAIN) index += 1;
  return index;
}

/** The lowest marked bit is exact: it belongs to the first byte of the word that is less than 14. */
function marksOf(word: number): number {
  return (word - FIRST_PLAIN_IN_EACH) & ~word & HIGH_BIT_IN_EACH;
}

/** True when a byte above 127 occurs (RFC 6152). */
export function hasEightBit(bytes: Uint8Array): boolean {
  const view = scanView(bytes);
  const lastWord = bytes.length - 4;
  let index = 0;
  for (; index <= lastWord; index += 4)
    if ((view.getInt32(index, true) & HIGH_BIT_IN_EACH) !== 0) return true;
  for (; index < bytes.length; index += 1) if ((bytes[index] ?? 0) > 0x7f) return true;
  return false;
}
