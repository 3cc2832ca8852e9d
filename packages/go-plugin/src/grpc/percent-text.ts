/** The text of a status on its way through a header: bytes outside of printable ASCII, and `%`, as `%XX` (gRPC over HTTP/2, Status-Message). */

/** Longest text sent: hosts limit their headers, and grpc-go closes the connection over larger ones. */
const MAX_BYTES = 4096;

export function encodePercentText(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text).subarray(0, MAX_BYTES)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Never fails: what is no escape stands for itself. */
export function decodePercentText(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  const bytes = new TextEncoder().encode(encoded);
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const escaped = bytes[at] === 0x25 ? hexByte(bytes, at + 1) : undefined;
    decoded[length] = escaped ?? bytes[at] ?? 0;
    length += 1;
    if (escaped !== undefined) at += 2;
  }
  return new TextDecoder().decode(decoded.subarray(0, length));
}

function hexByte(bytes: Uint8Array, at: number): number | undefined {
  const digits = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0);
  return /^[\da-fA-F]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
