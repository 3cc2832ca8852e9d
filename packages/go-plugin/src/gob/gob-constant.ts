import type { GobType } from './gob-type.ts';

/**
 * A value that is sent again and again and never changes: `GobEncoder.encodeConstant` keeps its encoding
 * with it, for the stream it was sent on last. One that goes to two streams in turn gains nothing.
 */
export class GobConstant {
  readonly type: GobType;
  readonly value: unknown;
  readonly #kept = new KeptEncoding();

  constructor(type: GobType, value: unknown) {
    this.type = type;
    this.value = value;
  }

  /** For the encoder. */
  get kept(): KeptEncoding {
    return this.#kept;
  }
}

/**
 * A struct value that is sent again and again with nothing changed but the number in its last field, a
 * uint: `GobEncoder.encodeNumbered` keeps the encoding of the other fields with it.
 */
export class GobNumbered {
  readonly type: GobType;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #numberField: string;
  readonly #kept = new KeptEncoding();

  /** @param numberField name of the last field of `type`; `fields` holds the others */
  constructor(type: GobType, fields: Readonly<Record<string, unknown>>, numberField: string) {
    this.type = type;
    this.#fields = fields;
    this.#numberField = numberField;
  }

  valueWith(number: number): unknown {
    return { ...this.#fields, [this.#numberField]: number };
  }

  /** For the encoder. */
  get kept(): KeptEncoding {
    return this.#kept;
  }
}

/** Bytes, good as long as the stream they were encoded for has the types that it had then. */
export class KeptEncoding {
  #stream: object | undefined;
  #bytes: Uint8Array | undefined;

  /** @param stream what the encoder knows the present state of its stream by */
  on(stream: object): Uint8Array | undefined {
    return this.#stream === stream ? this.#bytes : undefined;
  }

  keep(stream: object, bytes: Uint8Array): void {
    this.#stream = stream;
    this.#bytes = bytes;
  }
}
