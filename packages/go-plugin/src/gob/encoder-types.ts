import { PluginError } from '../errors.ts';
import type { GobStructType, GobType } from './gob-type.ts';
import { BASIC_TYPE_IDS, DEFAULT_FIRST_TYPE_ID, MAX_TYPE_ID } from './type-id.ts';
import type { WireType } from './wire-type.ts';

/**
 * The ids of the types one stream sends. They are given out as Go does (encoding/gob type.go,
 * newTypeObject): a struct takes its id before its fields, a slice, array or map after its parts, unless
 * a part refers back to it.
 */
export class EncoderTypes {
  readonly #ids = new Map<GobType, number>();
  readonly #visited = new Set<GobType>();
  #nextId: number;

  constructor(firstId = DEFAULT_FIRST_TYPE_ID) {
    this.#nextId = firstId;
  }

  /** The id of `type`; gives ids to it and all its parts at first. Throws `GOB_BAD_SCHEMA`. */
  idOf(type: GobType): number {
    if (isBasic(type)) return BASIC_TYPE_IDS[type.kind];
    const known = this.#ids.get(type);
    if (known !== undefined) return known;
    this.#visit(type);
    return this.#assign(type);
  }

  /** The definition of a type that has an id. */
  wireTypeOf(type: GobType): WireType {
    switch (type.kind) {
      case 'struct':
        return {
          kind: 'struct',
          name: type.name,
          fields: type.fields.map((field) => ({ name: field.name, id: this.idOf(field.type) })),
        };
      case 'slice':
        return { kind: 'slice', name: type.name, element: this.idOf(type.element) };
      case 'array':
        return { kind: 'array', name: type.name, element: this.idOf(type.element), length: type.length };
      case 'map':
        return { kind: 'map', name: type.name, key: this.idOf(type.key), element: this.idOf(type.element) };
      case 'opaque':
        return { kind: 'opaque', name: type.name, encoding: type.encoding };
      default:
        throw badSchema(`the basic type ${type.kind} has no definition`);
    }
  }

  #visit(type: GobType): void {
    if (isBasic(type) || this.#visited.has(type)) return;
    this.#visited.add(type);
    switch (type.kind) {
      case 'struct':
        checkFields(type);
        this.#assign(type);
        for (const field of type.fields) this.#visitPart(field.type);
        return;
      case 'map':
        this.#visit(type.key);
        this.#visit(type.element);
        this.#assign(type);
        return;
      case 'slice':
      case 'array':
        if (type.kind === 'array') checkLength(type.length, type.name);
        this.#visit(type.element);
        this.#assign(type);
        this.#visitPart(type.element);
        return;
      case 'opaque':
        this.#assign(type);
    }
  }

  #visitPart(part: GobType): void {
    this.#visit(part);
    if (!isBasic(part)) this.#assign(part);
  }

  #assign(type: GobType): number {
    const known = this.#ids.get(type);
    if (known !== undefined) return known;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#ids.set(type, id);
    return id;
  }
}

export function isBasic(type: GobType): type is Extract<GobType, { kind: keyof typeof BASIC_TYPE_IDS }> {
  return type.kind in BASIC_TYPE_IDS;
}

function checkFields(type: GobStructType): void {
  const names = new Set(type.fields.map((field) => field.name));
  if (names.has('') || names.size < type.fields.length) {
    throw badSchema(`struct ${type.name || 'without a name'} has an empty or a repeated field name`);
  }
}

function checkLength(length: number, name: string): void {
  if (!Number.isInteger(length) || length < 0 || length > MAX_TYPE_ID) {
    throw badSchema(`array ${name || 'without a name'} has a length of ${length}`);
  }
}

function badSchema(what: string): PluginError {
  return new PluginError('GOB_BAD_SCHEMA', `A type cannot be described in gob: ${what}.`);
}
