/**
 * Fits a received value to the type a receiver wants, by Go's rules of compatibility (encoding/gob doc.go,
 * "Types and Values"; decode.go, compatibleType): struct fields match by name, unknown ones are dropped,
 * missing ones are zero; kinds must be the same; names of types do not matter.
 */
import type { GobStructType, GobType } from './gob-type.ts';
import type { GobDecoded } from './gob-value.ts';
import { containsItself } from './recursive-type.ts';

export type FittedValue =
  | { readonly kind: 'fits'; readonly value: unknown }
  /** `text` is worded as Go's own error. */
  | { readonly kind: 'mismatch'; readonly text: string };

export function fitValue(received: GobDecoded, wanted: GobType): FittedValue {
  const problem = findMismatch(received.type, wanted, new Map());
  if (problem !== undefined) return { kind: 'mismatch', text: problem };
  return { kind: 'fits', value: convert(received.value, received.type, wanted) };
}

/** Pairs of types under comparison or found alike, so that recursive types end. */
type Compared = Map<GobType, Set<GobType>>;

function findMismatch(received: GobType, wanted: GobType, compared: Compared): string | undefined {
  const pairs = compared.get(received) ?? new Set();
  if (pairs.has(wanted)) return undefined;
  compared.set(received, pairs.add(wanted));
  if (received.kind === 'struct' && wanted.kind === 'struct') {
    return findFieldMismatch(received, wanted, compared);
  }
  if (received.kind === 'map' && wanted.kind === 'map') {
    return (
      findMismatch(received.key, wanted.key, compared) ??
      findMismatch(received.element, wanted.element, compared)
    );
  }
  if (received.kind === 'slice' && wanted.kind === 'slice') {
    return findMismatch(received.element, wanted.element, compared);
  }
  if (received.kind === 'array' && wanted.kind === 'array' && received.length === wanted.length) {
    return findMismatch(received.element, wanted.element, compared);
  }
  if (received.kind === wanted.kind && received.kind !== 'array') return undefined;
  return `gob: decoding into local type ${describe(wanted)}, received remote type ${describe(received)}`;
}

function findFieldMismatch(
  received: GobStructType,
  wanted: GobStructType,
  compared: Compared,
): string | undefined {
  let matches = 0;
  for (const field of wanted.fields) {
    const sent = received.fields.find((candidate) => candidate.name === field.name);
    if (sent === undefined) continue;
    matches += 1;
    const problem = findMismatch(sent.type, field.type, compared);
    if (problem !== undefined) {
      return `gob: wrong type (${describe(field.type)}) for received field ${wanted.name}.${field.name}`;
    }
  }
  if (matches > 0 || wanted.fields.length === 0 || received.fields.length === 0) return undefined;
  return `gob: type mismatch: no fields matched compiling decoder for ${wanted.name}`;
}

/** The value in the shape of `wanted`; the types were found to match. */
function convert(value: unknown, received: GobType, wanted: GobType): unknown {
  if (received.kind === 'struct' && wanted.kind === 'struct') return convertStruct(value, received, wanted);
  if (
    (received.kind === 'slice' && wanted.kind === 'slice') ||
    (received.kind === 'array' && wanted.kind === 'array')
  ) {
    if (!Array.isArray(value)) return value;
    return value.map((element) => convert(element, received.element, wanted.element));
  }
  if (received.kind === 'map' && wanted.kind === 'map' && value instanceof Map) {
    const entries = new Map<unknown, unknown>();
    for (const [key, element] of value) {
      entries.set(convert(key, received.key, wanted.key), convert(element, received.element, wanted.element));
    }
    return entries;
  }
  return value;
}

function convertStruct(value: unknown, received: GobStructType, wanted: GobStructType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const source: Readonly<Record<string, unknown>> = Object(value);
  const fitted: Record<string, unknown> = Object.create(null);
  for (const field of wanted.fields) {
    const sent = received.fields.find((candidate) => candidate.name === field.name);
    fitted[field.name] =
      sent === undefined ? zeroValue(field.type) : convert(source[field.name], sent.type, field.type);
  }
  return fitted;
}

/** The zero value of a type of ours. */
export function zeroValue(type: GobType): unknown {
  switch (type.kind) {
    case 'bool':
      return false;
    case 'int':
    case 'uint':
    case 'float':
      return 0;
    case 'string':
      return '';
    case 'complex':
      return { real: 0, imaginary: 0 };
    case 'bytes':
    case 'opaque':
      return new Uint8Array(0);
    case 'interface':
      return null;
    case 'slice':
      return [];
    case 'map':
      return new Map();
    case 'array':
      return containsItself(type) ? null : Array.from({ length: type.length }, () => zeroValue(type.element));
    case 'struct':
      return containsItself(type) ? null : zeroStruct(type);
  }
}

function zeroStruct(type: GobStructType): unknown {
  const value: Record<string, unknown> = Object.create(null);
  for (const field of type.fields) value[field.name] = zeroValue(field.type);
  return value;
}

/** A type in Go's spelling. */
function describe(type: GobType): string {
  switch (type.kind) {
    case 'bytes':
      return '[]uint8';
    case 'float':
      return 'float64';
    case 'complex':
      return 'complex128';
    case 'interface':
      return 'interface {}';
    case 'slice':
      return `[]${describe(type.element)}`;
    case 'array':
      return `[${type.length}]${describe(type.element)}`;
    case 'map':
      return `map[${describe(type.key)}]${describe(type.element)}`;
    case 'struct':
      return type.name === '' ? 'struct' : type.name;
    case 'opaque':
      return type.name;
    default:
      return type.kind;
  }
}
