import { PluginError } from '../errors.ts';
import type { GobLimits } from './gob-limits.ts';
import { malformed } from './gob-reader.ts';
import type { GobField, GobType } from './gob-type.ts';
import * as schema from './schema.ts';
import { FIRST_USER_TYPE_ID, MAX_TYPE_ID } from './type-id.ts';
import type { WireType } from './wire-type.ts';

/** The types a stream's sender knows without defining them, by id. */
const BASIC_TYPES: readonly (GobType | undefined)[] = [
  undefined,
  schema.GOB_BOOL,
  schema.GOB_INT,
  schema.GOB_UINT,
  schema.GOB_FLOAT,
  schema.GOB_BYTES,
  schema.GOB_STRING,
  schema.GOB_COMPLEX,
  schema.GOB_INTERFACE,
];

/**
 * The type definitions received on one stream. An id is defined once and for ever (encoding/gob
 * decoder.go, recvType); a definition may name ids that are defined later, so types are put together
 * when first used.
 */
export class ReceivedTypes {
  readonly #limits: GobLimits;
  readonly #wireTypes = new Map<number, WireType>();
  readonly #types = new Map<number, GobType>();
  #fieldCount = 0;

  constructor(limits: GobLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#wireTypes.size;
  }

  define(id: number, type: WireType): void {
    if (id < FIRST_USER_TYPE_ID || id > MAX_TYPE_ID) throw malformed(`a definition of type id ${id}`);
    if (this.#wireTypes.has(id)) throw unknownType(`Type ${id} is defined twice on one gob stream.`);
    if (this.#wireTypes.size >= this.#limits.maxTypes) throw overLimit('types', this.#limits.maxTypes);
    this.#fieldCount += type.kind === 'struct' ? type.fields.length : 0;
    if (this.#fieldCount > this.#limits.maxFields) throw overLimit('struct fields', this.#limits.maxFields);
    this.#wireTypes.set(id, type);
  }

  /** Takes back every definition after the first `size`; for a value whose rest is not here yet. */
  forgetAfter(size: number): void {
    let index = 0;
    for (const [id, type] of this.#wireTypes) {
      index += 1;
      if (index <= size) continue;
      this.#fieldCount -= type.kind === 'struct' ? type.fields.length : 0;
      this.#wireTypes.delete(id);
    }
    if (index > size) this.#types.clear();
  }

  /** The definition of `id`, or its basic type. */
  wireTypeOf(id: number): WireType | undefined {
    return this.#wireTypes.get(id);
  }

  /** The type of `id` with everything it refers to. Throws `GOB_UNKNOWN_TYPE`. */
  typeOf(id: number): GobType {
    const known = BASIC_TYPES[id] ?? this.#types.get(id);
    if (known !== undefined) return known;
    const wireType = this.#wireTypes.get(id);
    if (wireType === undefined) throw unknownType(`Type ${id} was never defined on this gob stream.`);
    return this.#link(id, wireType);
  }

  /** Makes the type; it is entered before its parts, so that recursion ends. */
  #link(id: number, wireType: WireType): GobType {
    const { name } = wireType;
    switch (wireType.kind) {
      case 'opaque':
        return this.#enter(id, { kind: 'opaque', name, encoding: wireType.encoding });
      case 'struct': {
        const fields: GobField[] = [];
        const type = this.#enter(id, { kind: 'struct', name, fields });
        for (const field of wireType.fields) fields.push({ name: field.name, type: this.typeOf(field.id) });
        return type;
      }
      case 'slice': {
        const type = { kind: 'slice', name, element: PENDING } as const satisfies GobType;
        this.#enter(id, type);
        return Object.assign(type, { element: this.typeOf(wireType.element) });
      }
      case 'array': {
        const type = { kind: 'array', name, element: PENDING, length: wireType.length } as const;
        this.#enter(id, type);
        return Object.assign(type, { element: this.typeOf(wireType.element) });
      }
      case 'map': {
        const type = { kind: 'map', name, key: PENDING, element: PENDING } as const;
        this.#enter(id, type);
        return Object.assign(type, {
          key: this.typeOf(wireType.key),
          element: this.typeOf(wireType.element),
        });
      }
    }
  }

  #enter<T extends GobType>(id: number, type: T): T {
    this.#types.set(id, type);
    return type;
  }
}

/** Stands where a part of a type is still being put together. */
const PENDING: GobType = schema.GOB_INTERFACE;

export function unknownType(message: string): PluginError {
  return new PluginError('GOB_UNKNOWN_TYPE', message);
}

export function overLimit(what: string, limit: number): PluginError {
  return new PluginError('GOB_LIMIT', `A gob stream or value has more than ${limit} ${what}.`);
}
