/**
 * The wire format of protobuf, as far as go-plugin's own messages need it: numbers up to 32 bits, texts,
 * bytes, messages inside of messages. Unknown fields are passed over.
 */
import { PluginError } from '../errors.ts';

/** One field: a number for wire types 0 and 5, bytes for wire type 2; 8-byte numbers come without a value. */
export interface ProtoField {
  readonly number: number;
  /** The low 32 bits; 0 where there are bytes. */
  readonly value: number;
  /** A view of what was read; empty where there is a number. */
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);
const MAX_FIELD_NUMBER = 0x1fff_ffff;
const MAX_VARINT_BYTES = 10;

/**
 * Calls `take` for each field in order; as in every protobuf reader, the last one of a number counts.
 *
 * @throws PluginError `GRPC_MALFORMED`
 */
export function readProto(message: Uint8Array, take: (field: ProtoField) => void): void {
  const cursor = new Cursor(message);
  while (!cursor.isAtEnd) take(cursor.field());
}

class Cursor {
  readonly #message: Uint8Array;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#message.length;
  }

  /** `tag = number << 3 | wire type`, then the value. */
  field(): ProtoField {
    const tag = this.#varint();
    const number = tag >>> 3;
    if (number === 0 || number > MAX_FIELD_NUMBER) throw malformed(`has a field number ${number}`);
    switch (tag & 7) {
      case 0:
        return { number, value: this.#varint(), bytes: NO_BYTES };
      case 1:
        this.#take(8);
        return { number, value: 0, bytes: NO_BYTES };
      case 2:
        return { number, value: 0, bytes: this.#take(this.#varint()) };
      case 5: {
        const [a = 0, b = 0, c = 0, d = 0] = this.#take(4);
        return { number, value: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0, bytes: NO_BYTES };
      }
      default:
        throw malformed(`has a field of wire type ${tag & 7}`);
    }
  }

  /** Its low 32 bits: none of our fields is wider, and negative numbers come in ten bytes. */
  #varint(): number {
    let value = 0;
    for (let count = 0; count < MAX_VARINT_BYTES; count += 1) {
      const byte = this.#message[this.#at];
      if (byte === undefined) throw malformed('ends inside a number');
      this.#at += 1;
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw malformed('has a number of more than ten bytes');
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#message.length) throw malformed('ends inside a field');
    const bytes = this.#message.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

function malformed(what: string): PluginError {
  return new PluginError('GRPC_MALFORMED', `A protobuf message ${what}.`);
}
