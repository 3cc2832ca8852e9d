const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts remembered; a power of two. */
const REMEMBERED = 64;
/** Length of the longest, in bytes. */
const MAX_REMEMBERED_BYTES = 64;

/**
 * Makes texts of their bytes. A stream says the same few words again and again, so that short ones of
 * ASCII characters are remembered, each at a place that follows from its bytes: to compare costs a small
 * part of what making a text does.
 */
export class TextReader {
  readonly #texts: string[] = new Array<string>(REMEMBERED).fill('');

  /** UTF-8; what is none becomes U+FFFD. */
  read(bytes: Uint8Array, start: number, end: number): string {
    const size = end - start;
    if (size === 0) return '';
    if (size > MAX_REMEMBERED_BYTES) return UTF8.decode(bytes.subarray(start, end));
    const place = placeOf(bytes, start, end);
    const known = this.#texts[place] ?? '';
    if (known.length === size && isText(known, bytes, start)) return known;
    const text = UTF8.decode(bytes.subarray(start, end));
    if (text.length === size && isText(text, bytes, start)) this.#texts[place] = text;
    return text;
  }
}

/** Length, first, middle and the two last bytes, in which names and addresses that are alike differ. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const last = (bytes[end - 1] ?? 0) + 16 * (bytes[end - 2] ?? 0);
  return (end - start + (bytes[start] ?? 0) + 7 * (bytes[(start + end) >> 1] ?? 0) + last) % REMEMBERED;
}

/** True when the text is these bytes, each an ASCII character; it is as long as they are. */
function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit !== bytes[start + index] || unit > 127) return false;
  }
  return true;
}
