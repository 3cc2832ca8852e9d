/** Certificates as text (RFC 7468), the form in which a host hands its own to a plugin. */

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';
const LINE_CHARACTERS = 64;

/** Text of one certificate, line end included. */
export function encodeCertificatePem(der: Uint8Array): string {
  const lines = toBase64(der).match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? [];
  return [BEGIN, ...lines, END, ''].join('\n');
}

/**
 * DER of the first certificate in a text, with anything around it; undefined when there is none. Whether
 * the bytes are a certificate is for whoever uses them. Never throws.
 */
export function decodeCertificatePem(text: string): Uint8Array | undefined {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin + BEGIN.length);
  if (begin === -1 || end === -1) return undefined;
  const base64 = text.slice(begin + BEGIN.length, end).replace(/\s+/g, '');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0;
  return isBase64 ? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) : undefined;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
