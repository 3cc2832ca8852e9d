/**
 * Constructors of the types values are encoded by. A type is plain data and may be shared by any number
 * of encoders; its identity counts, so make each type once and keep it.
 */
import type {
  GobArrayType,
  GobBasicType,
  GobField,
  GobMapType,
  GobOpaqueType,
  GobSliceType,
  GobStructType,
  GobType,
} from './gob-type.ts';

export const GOB_BOOL: GobBasicType = { kind: 'bool' };
/** Any Go signed integer: `number` when safe, else `bigint`. */
export const GOB_INT: GobBasicType = { kind: 'int' };
/** Any Go unsigned integer: `number` when safe, else `bigint`. */
export const GOB_UINT: GobBasicType = { kind: 'uint' };
export const GOB_FLOAT: GobBasicType = { kind: 'float' };
/** `[]byte`: a `Uint8Array`. */
export const GOB_BYTES: GobBasicType = { kind: 'bytes' };
export const GOB_STRING: GobBasicType = { kind: 'string' };
/** A `GobComplex`. */
export const GOB_COMPLEX: GobBasicType = { kind: 'complex' };
/** `interface{}`: null or a `GobInterfaceValue`. */
export const GOB_INTERFACE: GobBasicType = { kind: 'interface' };
/** `struct{}`, which net/rpc sends where there is nothing to say. */
export const GOB_EMPTY_STRUCT: GobStructType = { kind: 'struct', name: '', fields: [] };

/** Fields of a struct in Go's order: exported field name → type. */
export type GobFieldTypes = Readonly<Record<string, GobType>>;

/**
 * A struct type. A recursive one is given its fields by a function of itself:
 * `gobStruct('Node', (self) => ({ Value: GOB_INT, Next: self }))`.
 */
export function gobStruct(
  name: string,
  fields: GobFieldTypes | ((self: GobStructType) => GobFieldTypes),
): GobStructType {
  const list: GobField[] = [];
  const self: GobStructType = { kind: 'struct', name, fields: list };
  const types = typeof fields === 'function' ? fields(self) : fields;
  for (const [fieldName, type] of Object.entries(types)) list.push({ name: fieldName, type });
  return self;
}

/** A slice; values are arrays. Go leaves the name of an unnamed slice empty at the top of a value. */
export function gobSlice(element: GobType, name = ''): GobSliceType {
  return { kind: 'slice', name, element };
}

/** An array of exactly `length` elements. */
export function gobArray(element: GobType, length: number, name = ''): GobArrayType {
  return { kind: 'array', name, element, length };
}

/** A map; values are `Map`s. */
export function gobMap(key: GobType, element: GobType, name = ''): GobMapType {
  return { kind: 'map', name, key, element };
}

/** A type with an encoding of its own; values are the bytes it made. */
export function gobOpaque(name: string, encoding: GobOpaqueType['encoding']): GobOpaqueType {
  return { kind: 'opaque', name, encoding };
}
