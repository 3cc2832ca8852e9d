/**
 * Type definitions as they travel (encoding/gob type.go, wireType): a struct with one field set, by kind
 * of type; what all kinds share is CommonType, a name and the id being defined.
 */

import { type GobReader, malformed } from './gob-reader.ts';
import type { GobOpaqueType } from './gob-type.ts';
import type { GobWriter } from './gob-writer.ts';
import { MAX_TYPE_ID } from './type-id.ts';

/** A definition in terms of type ids. */
export type WireType =
  | { readonly kind: 'array'; readonly name: string; readonly element: number; readonly length: number }
  | { readonly kind: 'slice'; readonly name: string; readonly element: number }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: readonly WireField[] }
  | { readonly kind: 'map'; readonly name: string; readonly key: number; readonly element: number }
  | { readonly kind: 'opaque'; readonly name: string; readonly encoding: GobOpaqueType['encoding'] };

export interface WireField {
  readonly name: string;
  readonly id: number;
}

/** Field number of each kind in wireType, counted from 0. */
const FIELD_OF_KIND = { array: 0, slice: 1, struct: 2, map: 3 } as const;
const FIELD_OF_ENCODING = { gob: 4, binary: 5, text: 6 } as const;

/** Writes the definition of type `id`. */
export function writeWireType(out: GobWriter, id: number, type: WireType): void {
  const field = type.kind === 'opaque' ? FIELD_OF_ENCODING[type.encoding] : FIELD_OF_KIND[type.kind];
  out.unsigned(field + 1);
  out.unsigned(1);
  writeCommonType(out, id, type.name);
  writeDetails(out, type);
  out.unsigned(0);
  out.unsigned(0);
}

/** CommonType: Name, Id. */
function writeCommonType(out: GobWriter, id: number, name: string): void {
  if (name !== '') {
    out.unsigned(1);
    out.text(name);
  }
  out.unsigned(name === '' ? 2 : 1);
  out.signed(id);
  out.unsigned(0);
}

/** What follows CommonType in each kind; a zero field is left out as in every struct. */
function writeDetails(out: GobWriter, type: WireType): void {
  switch (type.kind) {
    case 'array':
      writeIdField(out, type.element);
      if (type.length > 0) writeIdField(out, type.length);
      return;
    case 'slice':
      writeIdField(out, type.element);
      return;
    case 'struct':
      if (type.fields.length > 0) writeFields(out, type.fields);
      return;
    case 'map':
      writeIdField(out, type.key);
      writeIdField(out, type.element);
      return;
    case 'opaque':
      return;
  }
}

function writeIdField(out: GobWriter, value: number): void {
  out.unsigned(1);
  out.signed(value);
}

function writeFields(out: GobWriter, fields: readonly WireField[]): void {
  out.unsigned(1);
  out.unsigned(fields.length);
  for (const field of fields) {
    out.unsigned(1);
    out.text(field.name);
    writeIdField(out, field.id);
    out.unsigned(0);
  }
}

/** Reads one definition. Throws `GOB_MALFORMED`. */
export function readWireType(input: GobReader): WireType {
  let type: WireType | undefined;
  readStruct(input, 7, (field) => {
    if (type !== undefined) throw malformed('a type definition of two kinds');
    type = WIRE_TYPE_READERS[field]?.(input);
  });
  if (type === undefined) throw malformed('a type definition of no kind');
  return type;
}

const WIRE_TYPE_READERS: readonly ((input: GobReader) => WireType)[] = [
  readArrayType,
  readSliceType,
  readStructType,
  readMapType,
  (input) => readOpaqueType(input, 'gob'),
  (input) => readOpaqueType(input, 'binary'),
  (input) => readOpaqueType(input, 'text'),
];

function readArrayType(input: GobReader): WireType {
  const { name, values } = readIdStruct(input, 2);
  return { kind: 'array', name, element: values[0] ?? 0, length: values[1] ?? 0 };
}

function readSliceType(input: GobReader): WireType {
  const { name, values } = readIdStruct(input, 1);
  return { kind: 'slice', name, element: values[0] ?? 0 };
}

function readMapType(input: GobReader): WireType {
  const { name, values } = readIdStruct(input, 2);
  return { kind: 'map', name, key: values[0] ?? 0, element: values[1] ?? 0 };
}

function readOpaqueType(input: GobReader, encoding: GobOpaqueType['encoding']): WireType {
  const { name } = readIdStruct(input, 0);
  return { kind: 'opaque', name, encoding };
}

function readStructType(input: GobReader): WireType {
  let name = '';
  let fields: readonly WireField[] = [];
  readStruct(input, 2, (field) => {
    if (field === 0) name = readCommonType(input);
    else fields = readFields(input);
  });
  return { kind: 'struct', name, fields };
}

/** CommonType followed by `count` integers: ids or a length. */
function readIdStruct(input: GobReader, count: number): { name: string; values: readonly number[] } {
  let name = '';
  const values: number[] = new Array<number>(count).fill(0);
  readStruct(input, count + 1, (field) => {
    if (field === 0) name = readCommonType(input);
    else values[field - 1] = readPositive(input);
  });
  return { name, values };
}

/** The name; the id inside repeats the one the message began with. */
function readCommonType(input: GobReader): string {
  let name = '';
  readStruct(input, 2, (field) => {
    if (field === 0) name = input.text();
    else readPositive(input);
  });
  return name;
}

function readFields(input: GobReader): readonly WireField[] {
  const count = input.count('a number of fields');
  const fields: WireField[] = [];
  for (let index = 0; index < count; index += 1) fields.push(readField(input));
  return fields;
}

function readField(input: GobReader): WireField {
  let name = '';
  let id = 0;
  readStruct(input, 2, (field) => {
    if (field === 0) name = input.text();
    else id = readPositive(input);
  });
  return { name, id };
}

function readPositive(input: GobReader): number {
  const value = input.signed();
  if (typeof value === 'bigint' || value < 0 || value > MAX_TYPE_ID) {
    throw malformed(`a type id or length of ${value}`);
  }
  return value;
}

/** Walks (field delta, value)* 0 of a struct with `fieldCount` fields; `visit` reads the value. */
function readStruct(input: GobReader, fieldCount: number, visit: (field: number) => void): void {
  let field = -1;
  for (;;) {
    const delta = input.bounded(fieldCount, 'a field number');
    if (delta === 0) return;
    field += delta;
    if (field >= fieldCount) throw malformed('a field number beyond the last field');
    visit(field);
  }
}
