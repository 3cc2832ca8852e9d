/** xtext (RFC 3461 §4): printable ASCII in which "+" introduces two upper-case hex digits. */

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/** True when the text is well-formed xtext; the empty text is. */
export function isXtext(text: string): boolean {
  return XTEXT.test(text);
}

/** Any text as xtext, each octet of its UTF-8 form that needs it written as "+XX". */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const octet of new TextEncoder().encode(text)) {
    const isPlain = octet >= 0x21 && octet <= 0x7e && octet !== 0x2b && octet !== 0x3d;
    encoded += isPlain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The octets an xtext stands for; undefined when it is malformed. */
export function decodeXtext(text: string): Uint8Array | undefined {
  if (!isXtext(text)) return undefined;
  const octets: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '+') {
      octets.push(Number.parseInt(text.slice(index + 1, index + 3), 16));
      index += 2;
    } else {
      octets.push(text.charCodeAt(index));
    }
  }
  return Uint8Array.from(octets);
}
