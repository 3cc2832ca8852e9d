import type { GobType } from './gob-type.ts';
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_COMPLEX,
  GOB_FLOAT,
  GOB_INT,
  GOB_STRING,
  GOB_UINT,
  gobSlice,
} from './schema.ts';

/** Go's names of basic types, which both sides know without registering (encoding/gob type.go, registerBasics). */
const BASIC_NAMES: readonly (readonly [GobType, readonly string[]])[] = [
  [GOB_BOOL, ['bool']],
  [GOB_INT, ['int', 'int8', 'int16', 'int32', 'int64']],
  [GOB_UINT, ['uint', 'uint8', 'uint16', 'uint32', 'uint64', 'uintptr']],
  [GOB_FLOAT, ['float32', 'float64']],
  [GOB_COMPLEX, ['complex64', 'complex128']],
  [GOB_STRING, ['string']],
];

/**
 * Names of the types an interface may hold. A Go peer must have registered the same name (gob.Register)
 * except for basic types and slices of them.
 */
export class GobRegistry {
  readonly #types = new Map<string, GobType>();

  constructor(types: Iterable<readonly [name: string, type: GobType]> = []) {
    for (const [type, names] of BASIC_NAMES) {
      for (const name of names) {
        this.#types.set(name, type);
        this.#types.set(`[]${name}`, gobSlice(type));
      }
    }
    this.#types.set('[]uint8', GOB_BYTES);
    for (const [name, type] of types) this.#types.set(name, type);
  }

  typeOf(name: string): GobType | undefined {
    return this.#types.get(name);
  }
}
