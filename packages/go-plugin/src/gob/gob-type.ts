/**
 * Types of gob values (Go encoding/gob, doc.go "Types and Values"): used to encode by, and learnt
 * from the peer's type definitions when decoding. Identity matters: an encoder defines each type
 * object once per stream.
 */
export type GobType = GobBasicType | GobSliceType | GobArrayType | GobMapType | GobStructType | GobOpaqueType;

/** Built-in types; ids 1 … 8 on the wire. */
export interface GobBasicType {
  readonly kind: 'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'string' | 'complex' | 'interface';
}

export interface GobSliceType {
  readonly kind: 'slice';
  readonly name: string;
  readonly element: GobType;
}

export interface GobArrayType {
  readonly kind: 'array';
  readonly name: string;
  readonly element: GobType;
  readonly length: number;
}

export interface GobMapType {
  readonly kind: 'map';
  readonly name: string;
  readonly key: GobType;
  readonly element: GobType;
}

/** Recursive types are made by filling `fields` after construction; see `gobStruct`. */
export interface GobStructType {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly GobField[];
}

export interface GobField {
  readonly name: string;
  readonly type: GobType;
}

/** Value of a Go type with its own encoding (GobEncoder, BinaryMarshaler, TextMarshaler): bytes only. */
export interface GobOpaqueType {
  readonly kind: 'opaque';
  readonly name: string;
  readonly encoding: 'gob' | 'binary' | 'text';
}
