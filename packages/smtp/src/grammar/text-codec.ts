/** Bytes to text and back, as commands and addresses need it: strictly UTF-8 (RFC 3629). */

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to here text is made of ASCII bytes one by one: cheaper than a decoder, and it fits on the stack. */
const SHORT_BYTES = 512;

/** The text; undefined when the bytes are no valid UTF-8 (over-long forms and surrogates included). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT_BYTES && isAsciiBytes(bytes))
    return Reflect.apply(String.fromCharCode, undefined, bytes);
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The UTF-8 form of a well-formed text. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length > SHORT_BYTES) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return encoder.encode(text);
    bytes[index] = code;
  }
  return bytes;
}

function isAsciiBytes(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index += 1) if ((bytes[index] ?? 0) > 0x7f) return false;
  return true;
}
