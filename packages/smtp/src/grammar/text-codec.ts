/** Bytes to text and back, as commands and addresses need it: strictly UTF-8 (RFC 3629). */

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The text; undefined when the bytes are no valid UTF-8 (over-long forms and surrogates included). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The UTF-8 form of a well-formed text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
