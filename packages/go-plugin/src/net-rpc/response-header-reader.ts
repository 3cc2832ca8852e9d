import type { OwnReader } from '../gob/gob-decoder.ts';
import type { GobReader } from '../gob/gob-reader.ts';
import type { GobType } from '../gob/gob-type.ts';
import { RESPONSE_TYPE, type ResponseHeader } from './rpc-header.ts';

/** A header as `ResponseHeaderReader` reads it. */
export class ReadResponseHeader implements ResponseHeader {
  readonly seq: number | bigint;
  readonly error: string;

  constructor(seq: number | bigint, error: string) {
    this.seq = seq;
    this.error = error;
  }
}

/**
 * Reads the headers of replies when they have the fields of Go's own type in Go's order, as they always
 * have; without an object of the general kind and without the name of the method, which nobody reads.
 */
export class ResponseHeaderReader implements OwnReader {
  /** Type found to be Go's. */
  #known: GobType | undefined;

  read(type: GobType, input: GobReader): ReadResponseHeader | undefined {
    if (type !== this.#known) {
      if (!isResponseType(type)) return undefined;
      this.#known = type;
    }
    let seq: number | bigint = 0;
    let error = '';
    let field = -1;
    for (;;) {
      const delta = input.bounded(2 - field, 'a field number');
      if (delta === 0) return new ReadResponseHeader(seq, error);
      field += delta;
      if (field === 0) input.skipText();
      else if (field === 1) seq = input.unsigned();
      else error = input.text();
    }
  }
}

/** True for a struct with the fields of net/rpc's Response in their order. */
function isResponseType(type: GobType): boolean {
  if (type.kind !== 'struct' || type.fields.length !== RESPONSE_TYPE.fields.length) return false;
  return type.fields.every((field, index) => {
    const own = RESPONSE_TYPE.fields[index];
    return field.name === own?.name && field.type.kind === own.type.kind;
  });
}
