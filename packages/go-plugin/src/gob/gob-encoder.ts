/**
 * Encodes values of given types to one gob stream. The bytes are those a Go encoder makes: every type is
 * defined once, before the first value that needs it and before its own parts, and a definition met
 * inside an interface ends the message there (encoding/gob encoder.go, sendTypeDescriptor; encode.go,
 * encodeInterface).
 */
import { PluginError } from '../errors.ts';
import { EncoderTypes, isBasic } from './encoder-types.ts';
import type { GobConstant, GobNumbered } from './gob-constant.ts';
import { DEFAULT_GOB_LIMITS } from './gob-limits.ts';
import { GobRegistry } from './gob-registry.ts';
import type { GobType } from './gob-type.ts';
import { GobInterfaceValue } from './gob-value.ts';
import { GobWriter, unsignedSize } from './gob-writer.ts';
import { UnencodableValue } from './unencodable.ts';
import { ValueWriters } from './value-writer.ts';
import { writeWireType } from './wire-type.ts';

export interface GobEncoderOptions {
  /** Types an interface may hold besides the basic ones. */
  readonly registry?: GobRegistry;
  /** Levels of nesting; stops values that contain themselves. Default 256. */
  readonly maxDepth?: number;
  /** Id of the first type defined; default 65, as a Go process starts. */
  readonly firstTypeId?: number;
}

export class GobEncoder {
  readonly #types: EncoderTypes;
  readonly #registry: GobRegistry;
  readonly #writers: ValueWriters;
  /** Types the stream has defined, in order. */
  readonly #defined = new Set<GobType>();
  readonly #output = new GobWriter();
  /** The message being written. */
  readonly #message = new GobWriter();
  /** Where definitions go: the output, or what surrounds the interface being written. */
  #surrounding: GobWriter = this.#output;
  /** Stands for the stream as long as it has all types it ever had: kept encodings are good for it. */
  #stream: object = {};

  constructor(options: GobEncoderOptions = {}) {
    this.#types = new EncoderTypes(options.firstTypeId);
    this.#registry = options.registry ?? new GobRegistry();
    this.#writers = new ValueWriters({
      maxDepth: options.maxDepth ?? DEFAULT_GOB_LIMITS.maxDepth,
      writeInterface: (out, value, depth) => this.#writeInterface(out, value, depth),
    });
  }

  /**
   * Adds a value, with the definitions it needs, to the output. Throws `GOB_UNENCODABLE` or
   * `GOB_BAD_SCHEMA`, and then leaves output and stream as they were.
   */
  encode(type: GobType, value: unknown): void {
    const outputBefore = this.#output.length;
    const definedBefore = this.#defined.size;
    try {
      this.#writeTyped(this.#message, type, value, 1);
      this.#output.message(this.#message);
    } catch (error) {
      this.#message.clear();
      this.#surrounding = this.#output;
      this.rollback(outputBefore, definedBefore);
      throw unencodable(error, type);
    }
  }

  /** As `encode`, from the encoding that is kept with the value, if it was made for this stream. */
  encodeConstant(constant: GobConstant): void {
    const kept = constant.kept.on(this.#stream);
    if (kept !== undefined) {
      this.#output.append(kept);
      return;
    }
    const start = this.#output.length;
    if (this.#definesNothing(constant.type, constant.value)) {
      constant.kept.keep(this.#stream, this.#output.view().slice(start));
    }
  }

  /** As `encode` of the value with this number, a safe integer; see `encodeConstant`. */
  encodeNumbered(numbered: GobNumbered, number: number): void {
    const kept = numbered.kept.on(this.#stream);
    if (kept !== undefined && number > 0) {
      this.#output.numbered(kept, number);
      return;
    }
    const start = this.#output.length;
    if (this.#definesNothing(numbered.type, numbered.valueWith(number)) && number > 0) {
      const end = this.#output.length - unsignedSize(number) - 1;
      numbered.kept.keep(this.#stream, messageContent(this.#output.view().subarray(start), end - start));
    }
  }

  /** Encodes a value; true when the stream had all its types, so that the value is all that was written. */
  #definesNothing(type: GobType, value: unknown): boolean {
    const definedBefore = this.#defined.size;
    this.encode(type, value);
    return this.#defined.size === definedBefore;
  }

  /** Bytes waiting to be taken. */
  get outputLength(): number {
    return this.#output.length;
  }

  /** Types defined on the stream so far. */
  get definedTypes(): number {
    return this.#defined.size;
  }

  /**
   * Takes back what was encoded and not taken since `outputLength` and `definedTypes` had these values: for
   * values that belong together, of which a later one was refused.
   */
  rollback(outputLength: number, definedTypes: number): void {
    this.#output.truncate(outputLength);
    if (this.#defined.size > definedTypes) this.#stream = {};
    let index = 0;
    for (const type of this.#defined) {
      if (index >= definedTypes) this.#defined.delete(type);
      index += 1;
    }
  }

  /** What was encoded since the last call; the view is overwritten by the next `encode`. */
  takeOutput(): Uint8Array {
    const bytes = this.#output.view();
    this.#output.clear();
    return bytes;
  }

  /** Definitions if needed, type id, value; a single value has a zero byte before it. */
  #writeTyped(out: GobWriter, type: GobType, value: unknown, depth: number): void {
    const writer = this.#writers.of(type);
    this.#define(out, type);
    out.signed(this.#types.idOf(type));
    if (!writer.isStruct) out.byte(0);
    writer.write(out, value, depth);
  }

  /** Sends the definition of `type` and of its parts, each as the end of the message in `out`. */
  #define(out: GobWriter, type: GobType): void {
    if (isBasic(type) || this.#defined.has(type)) return;
    const id = this.#types.idOf(type);
    out.signed(-id);
    writeWireType(out, id, this.#types.wireTypeOf(type));
    this.#surrounding.message(out);
    this.#defined.add(type);
    if (type.kind === 'struct') for (const field of type.fields) this.#define(out, field.type);
    if (type.kind === 'map') this.#define(out, type.key);
    if (type.kind === 'map' || type.kind === 'slice' || type.kind === 'array')
      this.#define(out, type.element);
  }

  #writeInterface(out: GobWriter, value: unknown, depth: number): void {
    if (value === null || value === undefined) {
      out.unsigned(0);
      return;
    }
    const { name, type, content } = this.#concrete(value);
    this.#writers.checkDepth(depth);
    out.text(name);
    this.#define(out, type);
    out.signed(this.#types.idOf(type));
    const outer = this.#surrounding;
    this.#surrounding = out;
    const inner = new GobWriter();
    const writer = this.#writers.of(type);
    if (!writer.isStruct) inner.byte(0);
    writer.write(inner, content, depth + 1);
    this.#surrounding = outer;
    out.message(inner);
  }

  #concrete(value: unknown): { name: string; type: GobType; content: unknown } {
    if (!(value instanceof GobInterfaceValue)) {
      throw new UnencodableValue(`expected a GobInterfaceValue or null, found ${typeof value}`);
    }
    const type = this.#registry.typeOf(value.name);
    if (type === undefined) throw new UnencodableValue(`no type is registered as ${value.name}`);
    return { name: value.name, type, content: value.value };
  }
}

/** A copy of a message up to `end`, without its length. */
function messageContent(message: Uint8Array, end: number): Uint8Array {
  const first = message[0] ?? 0;
  return message.slice(first < 128 ? 1 : 257 - first, end);
}

function unencodable(error: unknown, type: GobType): unknown {
  if (!(error instanceof UnencodableValue)) return error;
  const name = 'name' in type && type.name !== '' ? type.name : type.kind;
  return new PluginError(
    'GOB_UNENCODABLE',
    `A value cannot be encoded as ${name}${error.place === '' ? '' : ` at ${error.place}`}: ${error.message}.`,
    { cause: error },
  );
}
