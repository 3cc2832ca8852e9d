/**
 * Writes messages as protobuf by the types gob knows them by: both number the fields of selector.proto in its
 * order, so one table serves, and what is encoded is the same value. Decoding is the library's; its encoder
 * is not used because a request takes it four times as long, half as long as all the rest of a call.
 *
 * Zero values are left out, as protobuf and gob both have it.
 */
import type { GobStructType, GobType } from '@smtp-router/go-plugin/gob';
import type { ProtobufOutput } from './protobuf-output.ts';

/** Wire types (protobuf.dev, "Message Structure"). */
const VARINT = 0;
const I64 = 1;
const LEN = 2;

/** Writes one field with its tag, or nothing for what is not sent. */
type FieldWriter = (out: ProtobufOutput, value: unknown) => void;

/** Writes the fields of a message, without its length. */
export type MessageWriter = (out: ProtobufOutput, value: unknown) => void;

/** Makes the writer of a message. Its values are those the `encode…V2` functions make. */
export function messageWriter(type: GobStructType): MessageWriter {
  const fields = type.fields.map((field, index) => ({
    name: field.name,
    write: fieldWriter(field.type, index + 1),
  }));
  return (out, value) => {
    const record: Readonly<Record<string, unknown>> = Object(value);
    for (const { name, write } of fields) {
      const part = record[name];
      if (part !== undefined) write(out, part);
    }
  };
}

function fieldWriter(type: GobType, number: number): FieldWriter {
  switch (type.kind) {
    case 'slice':
      return listWriter(type.element, number);
    case 'map':
      return mapWriter(number);
    case 'struct':
      return nestedWriter(type, number);
    default:
      return scalarWriter(type.kind, tag(number, type.kind));
  }
}

/** Tags of this contract take one byte: no message has sixteen fields. */
function tag(number: number, kind: GobType['kind']): number {
  if (number > 15) throw new RangeError(`field ${number} needs a longer tag`);
  const wireType =
    kind === 'float' ? I64 : kind === 'bool' || kind === 'int' || kind === 'uint' ? VARINT : LEN;
  return (number << 3) | wireType;
}

function scalarWriter(kind: GobType['kind'], head: number): FieldWriter {
  switch (kind) {
    case 'bool':
      return (out, value) => {
        if (value !== true) return;
        out.byte(head);
        out.byte(1);
      };
    case 'uint':
      return (out, value) => {
        if (typeof value !== 'number' || value === 0) return;
        out.byte(head);
        out.unsigned(value);
      };
    case 'int':
      return (out, value) => {
        if (typeof value !== 'number' || value === 0) return;
        out.byte(head);
        out.signed(value);
      };
    case 'float':
      return (out, value) => {
        if (typeof value !== 'number' || value === 0) return;
        out.byte(head);
        out.double(value);
      };
    case 'string':
      return (out, value) => {
        if (typeof value !== 'string' || value === '') return;
        out.byte(head);
        out.text(value);
      };
    default:
      throw new TypeError(`the contract has no ${kind}`);
  }
}

/** A message is sent even when all of it is zero. */
function nestedWriter(type: GobStructType, number: number): FieldWriter {
  const head = tag(number, type.kind);
  const write = messageWriter(type);
  return (out, value) => {
    out.byte(head);
    const start = out.open();
    write(out, value);
    out.close(start);
  };
}

/** Numbers are packed; texts and messages each bear the tag, empty ones too. */
function listWriter(element: GobType, number: number): FieldWriter {
  const head = tag(number, 'slice');
  if (element.kind === 'struct') return forEach(nestedWriter(element, number));
  if (element.kind === 'string') {
    return forEach((out, value) => {
      out.byte(head);
      out.text(String(value));
    });
  }
  if (element.kind !== 'uint') throw new TypeError(`the contract has no list of ${element.kind}`);
  return (out, value) => {
    if (!Array.isArray(value) || value.length === 0) return;
    out.byte(head);
    const start = out.open();
    for (const part of value) out.unsigned(Number(part));
    out.close(start);
  };
}

function forEach(write: FieldWriter): FieldWriter {
  return (out, value) => {
    if (!Array.isArray(value)) return;
    for (const element of value) write(out, element);
  };
}

/** Key and value of a map of strings: fields 1 and 2 of an entry. */
function mapWriter(number: number): FieldWriter {
  const head = tag(number, 'map');
  const [keyHead, valueHead] = [tag(1, 'string'), tag(2, 'string')];
  return (out, value) => {
    if (!(value instanceof Map)) return;
    for (const [key, label] of value) {
      out.byte(head);
      const start = out.open();
      out.byte(keyHead);
      out.text(String(key));
      out.byte(valueHead);
      out.text(String(label));
      out.close(start);
    }
  };
}
