/**
 * Writing DER (X.690 §10), as far as certificates need it. Every function answers one whole element:
 * `[tag u8][length: u7 | 0x80+n, n bytes big-endian][content]`.
 */

/** Content of nothing but other elements, or bytes as they are. */
type Content = Uint8Array | readonly Uint8Array[];

/** One element with a tag of its own. @param tag universal, or context-specific, below 31 */
export function derElement(tag: number, content: Content): Uint8Array {
  const body = content instanceof Uint8Array ? content : concat(content);
  return concat([Uint8Array.of(tag), derLength(body.length), body]);
}

export function derSequence(...elements: readonly Uint8Array[]): Uint8Array {
  return derElement(0x30, elements);
}

export function derSet(element: Uint8Array): Uint8Array {
  return derElement(0x31, element);
}

/** A positive integer, given big-endian; leading zeros are dropped and the one that keeps it positive is added. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Uint8Array.of(0) : magnitude.subarray(first);
  const isNegativeLooking = (digits[0] ?? 0) >= 0x80;
  return derElement(0x02, isNegativeLooking ? [Uint8Array.of(0), digits] : digits);
}

export function derTrue(): Uint8Array {
  return derElement(0x01, Uint8Array.of(0xff));
}

/** Bits in whole bytes, or with `unusedBits` of the last byte not counted; those must be 0. */
export function derBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return derElement(0x03, [Uint8Array.of(unusedBits), bytes]);
}

export function derOctetString(content: Uint8Array): Uint8Array {
  return derElement(0x04, content);
}

/** An object identifier in dotted form, such as `2.5.4.3`. */
export function derOid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derElement(0x06, Uint8Array.from([root * 40 + second, ...rest].flatMap(base128)));
}

export function derPrintableString(text: string): Uint8Array {
  return derElement(0x13, new TextEncoder().encode(text));
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5); whole seconds, fractions dropped. */
export function derTime(unixMs: number): Uint8Array {
  const digits = new Date(unixMs).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  const isShort = Number(digits.slice(0, 4)) < 2050;
  return isShort
    ? derElement(0x17, new TextEncoder().encode(digits.slice(2)))
    : derElement(0x18, new TextEncoder().encode(digits));
}

/** Seven bits a byte, the most significant first, all but the last marked by the high bit. */
function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) + 128);
  }
  return digits;
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 + bytes.length, ...bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
