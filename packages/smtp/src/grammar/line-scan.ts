/**
 * The scan that content reading and dot-stuffing share: where is the next byte that can matter for
 * lines? It looks at four bytes at a time, which is what lets content pass at memory speed.
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
  const lastWord = bytes.length - 4;
  let index = start;
  for (; index <= lastWord; index += 4) {
    const word = view.getInt32(index, true);
    // The lowest marked bit is exact: it belongs to the first byte that is less than 14.
    const marks = (word - FIRST_PLAIN_IN_EACH) & ~word & HIGH_BIT_IN_EACH;
    if (marks !== 0) return index + ((31 - Math.clz32(marks & -marks)) >> 3);
  }
  while (index < bytes.length && (bytes[index] ?? 0) >= FIRST_PLAIN) index += 1;
  return index;
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
