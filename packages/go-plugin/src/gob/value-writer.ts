import type { GobArrayType, GobMapType, GobSliceType, GobStructType, GobType } from './gob-type.ts';
import type { GobComplex } from './gob-value.ts';
import type { GobWriter } from './gob-writer.ts';
import { atPlace, UnencodableValue } from './unencodable.ts';

/** Writes the values of one type; throws `UnencodableValue` for what is not one. */
export interface ValueWriter {
  readonly isStruct: boolean;
  /** True when a struct leaves the field out: gob does not send zero values. */
  isOmitted(value: unknown): boolean;
  write(out: GobWriter, value: unknown, depth: number): void;
}

/** What the writers need of the encoder they work for. */
export interface EncodeContext {
  readonly maxDepth: number;
  writeInterface(out: GobWriter, value: unknown, depth: number): void;
}

/** Makes the writer of a type once; recursive types get one writer for all their levels. */
export class ValueWriters {
  readonly #context: EncodeContext;
  readonly #writers = new Map<GobType, ValueWriter>();

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  of(type: GobType): ValueWriter {
    const known = this.#writers.get(type);
    if (known !== undefined) return known;
    const writer = this.#make(type);
    this.#writers.set(type, writer);
    return writer;
  }

  /** Throws when values are nested too deeply, as one that holds itself is. */
  checkDepth(depth: number): void {
    if (depth > this.#context.maxDepth) {
      throw new UnencodableValue(`more than ${this.#context.maxDepth} levels of nesting`);
    }
  }

  #make(type: GobType): ValueWriter {
    switch (type.kind) {
      case 'struct':
        return new StructWriter(type, this);
      case 'slice':
        return new SliceWriter(type, this);
      case 'array':
        return new ArrayWriter(type, this);
      case 'map':
        return new MapWriter(type, this);
      case 'interface':
        return new InterfaceWriter(this.#context);
      case 'opaque':
        return OPAQUE_WRITER;
      default:
        return BASIC_WRITERS[type.kind];
    }
  }
}

const BASIC_WRITERS: Readonly<
  Record<'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'string' | 'complex', ValueWriter>
> = {
  bool: {
    isStruct: false,
    isOmitted: (value) => value === false || isNil(value),
    write(out, value) {
      if (typeof value !== 'boolean') throw unfit(value, 'a boolean');
      out.byte(value ? 1 : 0);
    },
  },
  int: {
    isStruct: false,
    isOmitted: (value) => value === 0 || value === 0n || isNil(value),
    write(out, value) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) out.signed(value);
      else if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) out.signedBig(value);
      else throw unfit(value, 'an integer of 64 bits');
    },
  },
  uint: {
    isStruct: false,
    isOmitted: (value) => value === 0 || value === 0n || isNil(value),
    write(out, value) {
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) out.unsigned(value);
      else if (typeof value === 'bigint' && BigInt.asUintN(64, value) === value) out.unsignedBig(value);
      else throw unfit(value, 'an unsigned integer of 64 bits');
    },
  },
  float: {
    isStruct: false,
    isOmitted: (value) => value === 0 || isNil(value),
    write(out, value) {
      if (typeof value !== 'number') throw unfit(value, 'a number');
      out.float(value);
    },
  },
  bytes: {
    isStruct: false,
    isOmitted: (value) => isNil(value) || (value instanceof Uint8Array && value.length === 0),
    write(out, value) {
      if (!(value instanceof Uint8Array)) throw unfit(value, 'a Uint8Array');
      out.bytes(value);
    },
  },
  string: {
    isStruct: false,
    isOmitted: (value) => value === '' || isNil(value),
    write(out, value) {
      if (typeof value !== 'string') throw unfit(value, 'a string');
      out.text(value);
    },
  },
  complex: {
    isStruct: false,
    isOmitted: (value) => isNil(value) || (isComplex(value) && value.real === 0 && value.imaginary === 0),
    write(out, value) {
      if (!isComplex(value)) throw unfit(value, 'a complex number');
      out.float(value.real);
      out.float(value.imaginary);
    },
  },
};

/** A value with an encoding of its own is sent even when empty: Go would hand the empty bytes to its decoder. */
const OPAQUE_WRITER: ValueWriter = {
  isStruct: false,
  isOmitted: isNil,
  write: BASIC_WRITERS.bytes.write,
};

class InterfaceWriter implements ValueWriter {
  readonly isStruct = false;
  readonly #context: EncodeContext;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  isOmitted(value: unknown): boolean {
    return isNil(value);
  }

  write(out: GobWriter, value: unknown, depth: number): void {
    this.#context.writeInterface(out, value, depth);
  }
}

interface FieldWriter {
  readonly name: string;
  readonly writer: ValueWriter;
}

class StructWriter implements ValueWriter {
  readonly isStruct = true;
  readonly #type: GobStructType;
  readonly #writers: ValueWriters;
  #fields: readonly FieldWriter[] | undefined;

  constructor(type: GobStructType, writers: ValueWriters) {
    this.#type = type;
    this.#writers = writers;
  }

  /** Only what stands for a nil pointer: Go sends a nested struct even when all of it is zero. */
  isOmitted(value: unknown): boolean {
    return isNil(value);
  }

  write(out: GobWriter, value: unknown, depth: number): void {
    this.#writers.checkDepth(depth);
    const fields = this.#fieldWriters();
    if (fields.length > 0) this.#writeFields(out, fields, asRecord(value), depth);
    out.byte(0);
  }

  #writeFields(
    out: GobWriter,
    fields: readonly FieldWriter[],
    value: Readonly<Record<string, unknown>>,
    depth: number,
  ): void {
    let last = -1;
    let index = 0;
    try {
      for (; index < fields.length; index += 1) {
        const field = fields[index];
        if (field === undefined) continue;
        const part = value[field.name];
        if (field.writer.isOmitted(part)) continue;
        out.unsigned(index - last);
        last = index;
        field.writer.write(out, part, depth + 1);
      }
    } catch (error) {
      throw atPlace(error, `.${fields[index]?.name ?? ''}`);
    }
  }

  #fieldWriters(): readonly FieldWriter[] {
    this.#fields ??= this.#type.fields.map((field) => ({
      name: field.name,
      writer: this.#writers.of(field.type),
    }));
    return this.#fields;
  }
}

class SliceWriter implements ValueWriter {
  readonly isStruct = false;
  readonly #type: GobSliceType;
  readonly #writers: ValueWriters;

  constructor(type: GobSliceType, writers: ValueWriters) {
    this.#type = type;
    this.#writers = writers;
  }

  isOmitted(value: unknown): boolean {
    return isNil(value) || (Array.isArray(value) && value.length === 0);
  }

  write(out: GobWriter, value: unknown, depth: number): void {
    this.#writers.checkDepth(depth);
    writeElements(out, asArray(value ?? []), this.#writers.of(this.#type.element), depth);
  }
}

class ArrayWriter implements ValueWriter {
  readonly isStruct = false;
  readonly #type: GobArrayType;
  readonly #writers: ValueWriters;

  constructor(type: GobArrayType, writers: ValueWriters) {
    this.#type = type;
    this.#writers = writers;
  }

  isOmitted(value: unknown): boolean {
    return isNil(value);
  }

  write(out: GobWriter, value: unknown, depth: number): void {
    this.#writers.checkDepth(depth);
    const elements = asArray(value);
    if (elements.length !== this.#type.length)
      throw unfit(value, `an array of ${this.#type.length} elements`);
    writeElements(out, elements, this.#writers.of(this.#type.element), depth);
  }
}

function writeElements(
  out: GobWriter,
  elements: readonly unknown[],
  writer: ValueWriter,
  depth: number,
): void {
  out.unsigned(elements.length);
  let index = 0;
  try {
    for (; index < elements.length; index += 1) writer.write(out, elements[index], depth + 1);
  } catch (error) {
    throw atPlace(error, `[${index}]`);
  }
}

class MapWriter implements ValueWriter {
  readonly isStruct = false;
  readonly #type: GobMapType;
  readonly #writers: ValueWriters;

  constructor(type: GobMapType, writers: ValueWriters) {
    this.#type = type;
    this.#writers = writers;
  }

  /** A nil map is left out, an empty one is not. */
  isOmitted(value: unknown): boolean {
    return isNil(value);
  }

  write(out: GobWriter, value: unknown, depth: number): void {
    this.#writers.checkDepth(depth);
    const entries = asMap(value);
    const keys = this.#writers.of(this.#type.key);
    const elements = this.#writers.of(this.#type.element);
    out.unsigned(entries.size);
    for (const [key, element] of entries) {
      try {
        keys.write(out, key, depth + 1);
        elements.write(out, element, depth + 1);
      } catch (error) {
        throw atPlace(error, `[${String(key)}]`);
      }
    }
  }
}

const NO_ENTRIES: ReadonlyMap<unknown, unknown> = new Map();

function isNil(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isComplex(value: unknown): value is GobComplex {
  return (
    typeof value === 'object' &&
    value !== null &&
    'real' in value &&
    'imaginary' in value &&
    typeof value.real === 'number' &&
    typeof value.imaginary === 'number'
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw unfit(value, 'an object');
  return Object(value);
}

function asArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unfit(value, 'an array');
  return value;
}

function asMap(value: unknown): ReadonlyMap<unknown, unknown> {
  if (isNil(value)) return NO_ENTRIES;
  if (!(value instanceof Map)) throw unfit(value, 'a Map');
  return value;
}

/** Names the kind of value only: the value itself may be a secret. */
function unfit(value: unknown, wanted: string): UnencodableValue {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return new UnencodableValue(`expected ${wanted}, found ${found}`);
}
