/** Helpers to run streams through the decoder. */
import assert from 'node:assert/strict';
import { GobDecoder } from '../../src/gob/gob-decoder.ts';
import type { GobLimits } from '../../src/gob/gob-limits.ts';
import { type GobDecoded, GobInterfaceValue } from '../../src/gob/gob-value.ts';

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Cuts `bytes` into pieces of `size`, each in memory of its own. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const list: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.slice(at, at + size));
  return list;
}

/** Every value of a stream that arrives in `chunks`; each chunk is overwritten once it was taken. */
export function decodeChunks(
  chunks: readonly Uint8Array[],
  limits: Partial<GobLimits> = {},
): readonly GobDecoded[] {
  const decoder = new GobDecoder(limits);
  const values: GobDecoded[] = [];
  for (const chunk of chunks) {
    decoder.receive(chunk);
    for (let value = decoder.next(); value !== undefined; value = decoder.next()) values.push(value);
    chunk.fill(0xee);
  }
  assert.equal(decoder.heldBytes, 0, 'nothing is left over');
  return values;
}

/** Structs as ordinary objects, so that they compare equal to literals; they must have no prototype. */
export function withPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPrototypes);
  if (value instanceof Map) {
    return new Map([...value].map(([key, element]) => [withPrototypes(key), withPrototypes(element)]));
  }
  if (value instanceof GobInterfaceValue)
    return new GobInterfaceValue(value.name, withPrototypes(value.value));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, withPrototypes(part)]);
  if (!('real' in value)) assert.equal(Object.getPrototypeOf(value), null, 'a struct has no prototype');
  return Object.fromEntries(entries);
}
