/** A value through gob: encoded, decoded from pieces, and fitted to what its receiver wants. */
import assert from 'node:assert/strict';
import {
  GobDecoder,
  GobEncoder,
  type GobStructType,
  type GobType,
  ValueFitter,
} from '@smtp-router/go-plugin/gob';

export function gobBytes(type: GobType, value: unknown): Uint8Array {
  const encoder = new GobEncoder();
  encoder.encode(type, value);
  return encoder.takeOutput();
}

/** The one value of a stream that arrives in pieces of `pieceBytes`, in the shape of `wanted`. */
export function fromGob(bytes: Uint8Array, wanted: GobStructType, pieceBytes = Infinity): unknown {
  const decoder = new GobDecoder();
  const step = Math.min(pieceBytes, Math.max(1, bytes.length));
  for (let start = 0; start < bytes.length; start += step)
    decoder.receive(bytes.subarray(start, start + step));
  const received = decoder.next();
  assert.ok(received, 'the stream holds a value');
  const fitted = new ValueFitter().fit(received, wanted);
  assert.equal(fitted.kind, 'fits');
  return fitted.kind === 'fits' ? fitted.value : undefined;
}
