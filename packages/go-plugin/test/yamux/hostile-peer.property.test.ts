import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fuzzRuns } from '../fuzz-runs.ts';
import { pieces } from '../gob/gob-stream.ts';
import { ack, concat, data, eventsOf, fin, frame, goAway, ping, rst, session, syn, update } from './wire.ts';

describe('yamux, whatever a peer sends', () => {
  const streamId = fc.oneof(fc.nat(9), fc.nat(0xffff_ffff));
  const someFrame = fc.oneof(
    streamId.map(syn),
    streamId.map(ack),
    streamId.map(fin),
    streamId.map(rst),
    fc.tuple(streamId, fc.nat(0xffff_ffff)).map(([id, delta]) => update(0, id, delta)),
    fc
      .tuple(streamId, fc.uint8Array({ maxLength: 40 }), fc.nat(15))
      .map(([id, bytes, flags]) => data(id, bytes, flags)),
    fc.tuple(fc.nat(5), fc.nat(15), streamId, fc.nat(500_000)).map((fields) => frame(...fields)),
    fc.nat(9).map((value) => ping(value)),
    fc.nat(3).map(goAway),
    fc.uint8Array({ maxLength: 20 }),
  );

  for (const role of ['host', 'plugin'] as const) {
    it(`a ${role} never throws, and holds no more than its limits`, () => {
      fc.assert(
        fc.property(
          fc.array(someFrame, { maxLength: 80 }),
          fc.nat(20),
          fc.integer({ min: 1, max: 200 }),
          (frames, opened, size) => {
            const subject = session(role, { acceptBacklog: 8, maxStreams: 10, maxOutputBytes: 10_000 });
            for (let count = 0; count < opened; count += 1) subject.open(0);
            for (const bytes of pieces(new Uint8Array(concat(...frames)), size)) {
              subject.receive(bytes, 0);
              for (const event of eventsOf(subject)) {
                if (event.kind === 'stream' && event.streamId % 3 === 0) subject.accept(event.streamId);
                if (event.kind === 'data') subject.consumed(event.streamId, event.bytes.length);
              }
              assert.ok(subject.streamCount <= 18);
              assert.ok(subject.outputLength <= 10_000 + 24);
            }
          },
        ),
        { numRuns: fuzzRuns(450) },
      );
    });
  }
});
