import type { DecodeContext, ValueReader } from './decode-context.ts';
import { malformed } from './gob-reader.ts';
import type { GobArrayType, GobMapType, GobSliceType, GobStructType, GobType } from './gob-type.ts';
import { type GobComplex, GobInterfaceValue } from './gob-value.ts';
import { containsItself } from './recursive-type.ts';

/** Makes the reader of a type once; recursive types get one reader for all their levels. */
export class ValueReaders {
  readonly #readers = new Map<GobType, ValueReader>();

  of(type: GobType): ValueReader {
    const known = this.#readers.get(type);
    if (known !== undefined) return known;
    const reader = this.#make(type);
    this.#readers.set(type, reader);
    return reader;
  }

  clear(): void {
    this.#readers.clear();
  }

  #make(type: GobType): ValueReader {
    switch (type.kind) {
      case 'struct':
        return new StructReader(type, this);
      case 'slice':
        return new SliceReader(type, this);
      case 'array':
        return new ArrayReader(type, this);
      case 'map':
        return new MapReader(type, this);
      case 'opaque':
        return BYTES_READER;
      default:
        return BASIC_READERS[type.kind];
    }
  }
}

class BasicReader implements ValueReader {
  readonly isStruct = false;
  readonly read: (context: DecodeContext, depth: number) => unknown;
  readonly zero: () => unknown;

  constructor(read: (context: DecodeContext, depth: number) => unknown, zero: () => unknown) {
    this.read = read;
    this.zero = zero;
  }
}

const BYTES_READER = new BasicReader(
  ({ input }) => input.bytes(),
  () => new Uint8Array(0),
);

const BASIC_READERS = {
  bool: new BasicReader(
    ({ input }) => input.bool(),
    () => false,
  ),
  int: new BasicReader(
    ({ input }) => input.signed(),
    () => 0,
  ),
  uint: new BasicReader(
    ({ input }) => input.unsigned(),
    () => 0,
  ),
  float: new BasicReader(
    ({ input }) => input.float(),
    () => 0,
  ),
  bytes: BYTES_READER,
  string: new BasicReader(
    ({ input }) => input.text(),
    () => '',
  ),
  complex: new BasicReader(
    ({ input }): GobComplex => ({ real: input.float(), imaginary: input.float() }),
    (): GobComplex => ({ real: 0, imaginary: 0 }),
  ),
  interface: new BasicReader(readInterface, () => null),
} as const;

/** Name of the concrete type (empty = nil), then what `readInterfaceType` reads, then the value. */
function readInterface(context: DecodeContext, depth: number): GobInterfaceValue | null {
  const name = context.input.text();
  if (name === '') return null;
  context.spend(1, depth + 1);
  return new GobInterfaceValue(name, readTopLevel(context, context.readInterfaceType(), depth + 1));
}

/** A value that is not part of another: what is not a struct has a zero byte before it. */
export function readTopLevel(context: DecodeContext, reader: ValueReader, depth: number): unknown {
  if (!reader.isStruct) context.input.bounded(0, 'a field number before a single value');
  return reader.read(context, depth);
}

class StructReader implements ValueReader {
  readonly isStruct = true;
  readonly #type: GobStructType;
  readonly #readers: ValueReaders;
  #fields: readonly ValueReader[] | undefined;
  #isRecursive: boolean | undefined;

  constructor(type: GobStructType, readers: ValueReaders) {
    this.#type = type;
    this.#readers = readers;
  }

  read(context: DecodeContext, depth: number): unknown {
    const { fields } = this.#type;
    context.spend(fields.length + 1, depth);
    const value: Record<string, unknown> = Object.create(null);
    let next = 0;
    for (;;) {
      const delta = context.input.bounded(fields.length - next, 'a field number');
      if (delta === 0) break;
      this.#fill(value, next, next + delta - 1, context, depth);
      next += delta;
      this.#field(value, next - 1, context, depth);
    }
    this.#fill(value, next, fields.length, context, depth);
    return value;
  }

  zero(context: DecodeContext, depth: number): unknown {
    this.#isRecursive ??= containsItself(this.#type);
    if (this.#isRecursive) return null;
    const { fields } = this.#type;
    context.spend(fields.length + 1, depth);
    const value: Record<string, unknown> = Object.create(null);
    this.#fill(value, 0, fields.length, context, depth);
    return value;
  }

  #field(value: Record<string, unknown>, index: number, context: DecodeContext, depth: number): void {
    const field = this.#type.fields[index];
    if (field !== undefined) value[field.name] = this.#fieldReader(index)?.read(context, depth + 1);
  }

  /** Zero values for the fields from `from` up to `to`. */
  #fill(
    value: Record<string, unknown>,
    from: number,
    to: number,
    context: DecodeContext,
    depth: number,
  ): void {
    for (let index = from; index < to; index += 1) {
      const field = this.#type.fields[index];
      if (field !== undefined) value[field.name] = this.#fieldReader(index)?.zero(context, depth + 1);
    }
  }

  #fieldReader(index: number): ValueReader | undefined {
    this.#fields ??= this.#type.fields.map((field) => this.#readers.of(field.type));
    return this.#fields[index];
  }
}

class SliceReader implements ValueReader {
  readonly isStruct = false;
  readonly #type: GobSliceType;
  readonly #readers: ValueReaders;

  constructor(type: GobSliceType, readers: ValueReaders) {
    this.#type = type;
    this.#readers = readers;
  }

  read(context: DecodeContext, depth: number): unknown {
    const count = context.parts(depth);
    return readElements(context, this.#readers.of(this.#type.element), count, depth);
  }

  zero(): unknown {
    return [];
  }
}

class ArrayReader implements ValueReader {
  readonly isStruct = false;
  readonly #type: GobArrayType;
  readonly #readers: ValueReaders;

  constructor(type: GobArrayType, readers: ValueReaders) {
    this.#type = type;
    this.#readers = readers;
  }

  read(context: DecodeContext, depth: number): unknown {
    const { length, element } = this.#type;
    const count = context.parts(depth);
    if (count !== length) throw malformed(`${count} elements for an array of ${length}`);
    return readElements(context, this.#readers.of(element), count, depth);
  }

  zero(context: DecodeContext, depth: number): unknown {
    const { length, element } = this.#type;
    if (containsItself(this.#type)) return null;
    context.spend(length + 1, depth);
    const reader = this.#readers.of(element);
    return Array.from({ length }, () => reader.zero(context, depth + 1));
  }
}

function readElements(context: DecodeContext, reader: ValueReader, count: number, depth: number): unknown[] {
  const elements: unknown[] = [];
  for (let index = 0; index < count; index += 1) elements.push(reader.read(context, depth + 1));
  return elements;
}

class MapReader implements ValueReader {
  readonly isStruct = false;
  readonly #type: GobMapType;
  readonly #readers: ValueReaders;

  constructor(type: GobMapType, readers: ValueReaders) {
    this.#type = type;
    this.#readers = readers;
  }

  read(context: DecodeContext, depth: number): unknown {
    const count = context.parts(depth);
    const keys = this.#readers.of(this.#type.key);
    const elements = this.#readers.of(this.#type.element);
    const entries = new Map<unknown, unknown>();
    for (let index = 0; index < count; index += 1) {
      const key = keys.read(context, depth + 1);
      entries.set(key, elements.read(context, depth + 1));
    }
    return entries;
  }

  zero(): unknown {
    return new Map();
  }
}
