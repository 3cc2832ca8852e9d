import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GobDecoder } from '../../src/gob/gob-decoder.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import type { GobType } from '../../src/gob/gob-type.ts';
import { GOB_INT, GOB_STRING, GOB_UINT, gobStruct } from '../../src/gob/schema.ts';
import { ReadResponseHeader, ResponseHeaderReader } from '../../src/net-rpc/response-header-reader.ts';
import { RESPONSE_TYPE } from '../../src/net-rpc/rpc-header.ts';

/** The value as decoded with the reader of headers, sent twice on one stream. */
function read(type: GobType, value: unknown): unknown {
  const encoder = new GobEncoder();
  encoder.encode(type, value);
  encoder.encode(type, value);
  const decoder = new GobDecoder();
  const reader = new ResponseHeaderReader();
  decoder.receive(encoder.takeOutput());
  const first = decoder.next(reader)?.value;
  assert.deepEqual(decoder.next(reader)?.value, first);
  assert.equal(decoder.next(reader), undefined);
  return first;
}

describe('ResponseHeaderReader', () => {
  const headers: readonly (readonly [object, ReadResponseHeader])[] = [
    [{}, new ReadResponseHeader(0, '')],
    [{ Seq: 7 }, new ReadResponseHeader(7, '')],
    [{ ServiceMethod: 'Plugin.Select', Seq: 300 }, new ReadResponseHeader(300, '')],
    [
      { ServiceMethod: 'Plugin.Select', Error: 'no downstreams' },
      new ReadResponseHeader(0, 'no downstreams'),
    ],
    [{ ServiceMethod: 'ä', Seq: 2n ** 64n - 1n, Error: 'ö' }, new ReadResponseHeader(2n ** 64n - 1n, 'ö')],
  ];
  for (const [value, header] of headers) {
    it(`reads ${Object.keys(value).join(', ') || 'no field'}`, () => {
      assert.deepEqual(read(RESPONSE_TYPE, value), header);
    });
  }

  const others: readonly (readonly [string, GobType])[] = [
    [
      'with fields in another order',
      gobStruct('Response', { Seq: GOB_UINT, ServiceMethod: GOB_STRING, Error: GOB_STRING }),
    ],
    [
      'with a field more',
      gobStruct('Response', { ServiceMethod: GOB_STRING, Seq: GOB_UINT, Error: GOB_STRING, More: GOB_INT }),
    ],
    [
      'with a number of another type',
      gobStruct('Response', { ServiceMethod: GOB_STRING, Seq: GOB_INT, Error: GOB_STRING }),
    ],
  ];
  for (const [what, type] of others) {
    it(`leaves a struct ${what} to the decoder`, () => {
      const value = read(type, { Seq: 3, Error: 'failed' });
      assert.equal(value instanceof ReadResponseHeader, false);
      assert.equal(Object(value).Seq, 3);
      assert.equal(Object(value).Error, 'failed');
    });
  }

  it('refuses a field number beyond the last', () => {
    const encoder = new GobEncoder();
    encoder.encode(RESPONSE_TYPE, { Seq: 1 });
    const bytes = encoder.takeOutput();
    // The value is the last message: length, id, delta of Seq, 1, end.
    bytes[bytes.length - 3] = 4;
    const decoder = new GobDecoder();
    decoder.receive(bytes);
    assert.throws(() => decoder.next(new ResponseHeaderReader()), /a field number of 4/);
  });
});
