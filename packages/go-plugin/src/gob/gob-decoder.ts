/**
 * Decodes one gob stream without knowing its types in advance.
 *
 * A stream is a row of messages. One that begins with a negative id defines a type; one with a positive
 * id is a value. A value that holds an interface of a type not defined yet is cut in two: its first part
 * ends with the definition, the rest is in the next message (encoding/gob encode.go, encodeInterface;
 * decoder.go, decodeTypeSequence). When that next message is not here yet, decoding stops, definitions
 * met inside are forgotten, and the value is read from its start again later.
 */
import { DecodeContext, type ValueReader } from './decode-context.ts';
import { DEFAULT_GOB_LIMITS, type GobLimits } from './gob-limits.ts';
import { GobReader, malformed } from './gob-reader.ts';
import type { GobType } from './gob-type.ts';
import type { GobDecoded } from './gob-value.ts';
import { MessageBuffer } from './message-buffer.ts';
import { overLimit, ReceivedTypes } from './received-types.ts';
import { readTopLevel, ValueReaders } from './value-reader.ts';
import { readWireType } from './wire-type.ts';

/** Messages one value may be cut into. Go makes one more for each new type inside interfaces. */
const MAX_PIECES = 64;

/** Thrown and caught in this file only: the rest of a value is not here yet. */
const MORE_NEEDED = new Error('the rest of a gob value has not been received');

/** Somebody who reads the values of some types better than by their descriptions. */
export interface OwnReader {
  /**
   * Reads a value of `type`; undefined, with nothing read, for a type it does not know. Throws
   * `GOB_MALFORMED`. Bytes that it leaves are malformed, too.
   */
  read(type: GobType, input: GobReader): object | undefined;
}

export class GobDecoder {
  readonly #limits: GobLimits;
  readonly #messages: MessageBuffer;
  readonly #types: ReceivedTypes;
  readonly #readers = new ValueReaders();
  readonly #input = new GobReader();
  readonly #context: DecodeContext;
  /** Messages the current value is known to be cut into; it is not tried again before they are here. */
  #pieces = 1;
  #piecesRead = 0;
  #bytesRead = 0;
  #failure: unknown;

  constructor(limits: Partial<GobLimits> = {}) {
    this.#limits = { ...DEFAULT_GOB_LIMITS, ...limits };
    this.#messages = new MessageBuffer(this.#limits.maxMessageBytes);
    this.#types = new ReceivedTypes(this.#limits);
    this.#context = new DecodeContext(this.#input, this.#limits, () => this.#readInterfaceType());
  }

  /**
   * Takes bytes of the stream, cut anywhere. The caller leaves them unchanged until `next` has answered
   * undefined.
   */
  receive(bytes: Uint8Array): void {
    this.#messages.receive(bytes);
  }

  /** Bytes held for a value that is not complete. */
  get heldBytes(): number {
    return this.#messages.heldBytes;
  }

  /**
   * The next value, or undefined when more bytes are needed. Throws a `PluginError` with a `GOB_` code;
   * since all later values depend on earlier definitions, every further call throws the same.
   *
   * @param reader reads the value, if its type is one that it knows
   */
  next(reader?: OwnReader): GobDecoded | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const value = this.#next(reader);
      if (value === undefined) this.#messages.settle();
      return value;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #next(reader: OwnReader | undefined): GobDecoded | undefined {
    for (;;) {
      if (!this.#hasPieces()) return undefined;
      this.#startValue();
      const id = this.#readTypeId();
      if (id < 0) {
        this.#define(-id);
        if (this.#input.remaining > 0) throw malformed('bytes after a type definition');
        this.#messages.release();
        continue;
      }
      return this.#readValue(id, reader);
    }
  }

  /** True when as many messages are here as the next value is known to need. */
  #hasPieces(): boolean {
    let count = 0;
    while (count < this.#pieces && this.#messages.next()) count += 1;
    this.#messages.rewind();
    return count === this.#pieces;
  }

  #startValue(): void {
    this.#piecesRead = 0;
    this.#bytesRead = 0;
    this.#context.restart();
    this.#openMessage();
  }

  #readValue(id: number, reader: OwnReader | undefined): GobDecoded | undefined {
    const definitions = this.#types.size;
    try {
      const type = this.#types.typeOf(id);
      const value = reader?.read(type, this.#input) ?? readTopLevel(this.#context, this.#readers.of(type), 1);
      if (this.#input.remaining > 0) throw malformed('bytes after a value');
      this.#messages.release();
      this.#pieces = 1;
      return { type, value };
    } catch (error) {
      if (error !== MORE_NEEDED) throw error;
      this.#waitForRest(definitions);
      return undefined;
    }
  }

  /** Goes back to the start of the value, as if it had not been tried. */
  #waitForRest(definitions: number): void {
    this.#pieces = this.#piecesRead + 1;
    if (this.#pieces > MAX_PIECES) throw overLimit('messages for one value', MAX_PIECES);
    this.#types.forgetAfter(definitions);
    this.#readers.clear();
    this.#messages.rewind();
  }

  /** Definitions, then the id of the concrete type, then the value's length, which serves skipping only. */
  #readInterfaceType(): ValueReader {
    for (;;) {
      if (this.#input.remaining === 0) this.#openMessage();
      const id = this.#readTypeId();
      if (id >= 0) {
        this.#input.unsigned();
        return this.#readers.of(this.#types.typeOf(id));
      }
      this.#define(-id);
      if (this.#input.remaining > 0) this.#input.unsigned();
    }
  }

  #openMessage(): void {
    const messages = this.#messages;
    if (!messages.next()) throw MORE_NEEDED;
    this.#piecesRead += 1;
    this.#bytesRead += messages.end - messages.start;
    if (this.#bytesRead > this.#limits.maxMessageBytes) {
      throw overLimit('bytes in one value', this.#limits.maxMessageBytes);
    }
    this.#input.open(messages.bytes, messages.start, messages.end);
  }

  #readTypeId(): number {
    const id = this.#input.signed();
    if (typeof id === 'bigint') throw malformed(`type id ${id}`);
    return id;
  }

  #define(id: number): void {
    this.#types.define(id, readWireType(this.#input));
  }
}
