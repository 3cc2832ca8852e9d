import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FRAME_TYPE, HEADER_BYTES } from '../../src/yamux/frame.ts';
import { FrameReader } from '../../src/yamux/frame-reader.ts';
import { FrameWriter } from '../../src/yamux/frame-writer.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

/** Data of each stream in what was taken. */
function dataOf(pieces: readonly Uint8Array[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  let streamId = 0;
  const reader = new FrameReader({
    frame: (header) => {
      streamId = header.streamId;
      return true;
    },
    payload: (bytes) => found.set(streamId, [...(found.get(streamId) ?? []), ...bytes]),
  });
  for (const bytes of pieces) reader.read(bytes);
  return found;
}

describe('FrameWriter', () => {
  it('makes one frame of data written in a row for one stream', () => {
    const writer = new FrameWriter(100);
    writer.data(1, Uint8Array.of(1, 2));
    writer.data(1, Uint8Array.of(3));
    const bytes = writer.take();
    assert.equal(bytes?.length, HEADER_BYTES + 3);
    assert.equal(bytes?.[11], 3);
  });

  it('begins a new frame after a control frame and after a take', () => {
    const writer = new FrameWriter(100);
    writer.data(1, Uint8Array.of(1));
    writer.control(FRAME_TYPE.PING, 1, 0, 7);
    writer.data(1, Uint8Array.of(2));
    assert.equal(writer.take()?.length, 3 * HEADER_BYTES + 2);
    writer.data(1, Uint8Array.of(3));
    assert.equal(writer.take()?.length, HEADER_BYTES + 1);
    assert.equal(writer.take(), undefined);
  });

  it('never changes bytes that were taken, and loses none', () => {
    const write = fc.record({
      streamId: fc.constantFrom(1, 3),
      size: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 40_000 })),
      isTaken: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 40 }), (writes) => {
        const writer = new FrameWriter(9000);
        const written = new Map<number, number[]>();
        const taken: Uint8Array[] = [];
        let next = 0;
        for (const { streamId, size, isTaken } of writes) {
          const data = Uint8Array.from({ length: size }, () => next++ % 251);
          writer.data(streamId, data);
          written.set(streamId, [...(written.get(streamId) ?? []), ...data]);
          const { length } = writer;
          const bytes = isTaken ? writer.take() : undefined;
          if (bytes !== undefined) taken.push(bytes);
          if (isTaken) assert.equal(bytes?.length, length);
        }
        const rest = writer.take();
        assert.equal(writer.length, 0);
        assert.deepEqual(dataOf(rest === undefined ? taken : [...taken, rest]), written);
      }),
      { numRuns: fuzzRuns(50) },
    );
  });
});
