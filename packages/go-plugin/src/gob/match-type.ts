/**
 * Compares types by Go's rules of compatibility (encoding/gob decode.go, compatibleType): kinds must be the
 * same, fields match by name, names of types do not matter.
 */
import type { GobStructType, GobType } from './gob-type.ts';

/** Pairs of types under comparison or found alike, so that recursive types end. */
type Compared = Map<GobType, Set<GobType>>;

/** Why values of `received` are none of `wanted`, worded as Go's own error; undefined when they are. */
export function findMismatch(received: GobType, wanted: GobType): string | undefined {
  return compare(received, wanted, new Map());
}

/** True when types that match have the same fields everywhere, so that values need no conversion. */
export function haveSameFields(received: GobType, wanted: GobType): boolean {
  return compareFields(received, wanted, new Map());
}

function compare(received: GobType, wanted: GobType, compared: Compared): string | undefined {
  if (wasCompared(received, wanted, compared)) return undefined;
  if (received.kind === 'struct' && wanted.kind === 'struct') {
    return findFieldMismatch(received, wanted, compared);
  }
  if (received.kind === 'map' && wanted.kind === 'map') {
    return compare(received.key, wanted.key, compared) ?? compare(received.element, wanted.element, compared);
  }
  if (received.kind === 'slice' && wanted.kind === 'slice') {
    return compare(received.element, wanted.element, compared);
  }
  if (received.kind === 'array' && wanted.kind === 'array' && received.length === wanted.length) {
    return compare(received.element, wanted.element, compared);
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
    const problem = compare(sent.type, field.type, compared);
    if (problem !== undefined) {
      return `gob: wrong type (${describe(field.type)}) for received field ${wanted.name}.${field.name}`;
    }
  }
  if (matches > 0 || wanted.fields.length === 0 || received.fields.length === 0) return undefined;
  return `gob: type mismatch: no fields matched compiling decoder for ${wanted.name}`;
}

function compareFields(received: GobType, wanted: GobType, compared: Compared): boolean {
  if (wasCompared(received, wanted, compared)) return true;
  if (received.kind === 'struct' && wanted.kind === 'struct') {
    return (
      received.fields.length === wanted.fields.length &&
      received.fields.every(({ name, type }) => {
        const field = wanted.fields.find((candidate) => candidate.name === name);
        return field !== undefined && compareFields(type, field.type, compared);
      })
    );
  }
  if (received.kind === 'map' && wanted.kind === 'map') {
    return (
      compareFields(received.key, wanted.key, compared) &&
      compareFields(received.element, wanted.element, compared)
    );
  }
  if ('element' in received && 'element' in wanted) {
    return compareFields(received.element, wanted.element, compared);
  }
  return true;
}

/** Notes the pair; true when it was noted before. */
function wasCompared(received: GobType, wanted: GobType, compared: Compared): boolean {
  const partners = compared.get(received) ?? new Set();
  if (partners.has(wanted)) return true;
  compared.set(received, partners.add(wanted));
  return false;
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
