import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeSelectReplyV2, SELECT_REPLY_V2 } from '../../../src/wire/index.ts';
import { ProtobufCodec } from '../../../src/wire/v2/protobuf.ts';
import { hasMoreFields } from '../../../src/wire/v2/protobuf-count.ts';
import { fuzzRuns } from '../../fuzz-runs.ts';

const codec = new ProtobufCodec();

/** Fields of a reply, as a reader of the encoding counts them. */
function fieldsOf(bytes: Uint8Array): number {
  let fields = 0;
  while (hasMoreFields(SELECT_REPLY_V2, bytes, fields)) fields += 1;
  return fields;
}

describe('Fields of a message', () => {
  it('are counted through all levels, packed numbers one by one', () => {
    const reply = {
      kind: 'route' as const,
      routes: [
        { recipientIds: [1, 2, 3], candidateIds: ['a', '', 'c'] },
        { recipientIds: [], candidateIds: ['a'] },
      ],
      reason: 'so',
    };
    // The version and the reason; a route with a list of three and three ids; a route with one.
    assert.equal(
      fieldsOf(codec.encode(SELECT_REPLY_V2, encodeSelectReplyV2(reply))),
      2 + (1 + 1 + 3 + 3) + 2,
    );
    assert.equal(fieldsOf(new Uint8Array(0)), 0);
  });

  it('that nobody knows are counted as well', () => {
    // Field 99 as a number and field 100 as a text.
    assert.equal(fieldsOf(Uint8Array.of(0x98, 0x06, 0x01, 0xa2, 0x06, 0x01, 0x61)), 2);
  });

  for (const [what, pair] of [
    ['empty routes', [0x12, 0x00]],
    ['empty texts', [0x32, 0x00]],
    ['unknown numbers', [0x78, 0x01]],
  ] as const) {
    it(`beyond a limit are seen before anything is decoded: ${what}`, () => {
      const bytes = new Uint8Array(1_000_000).map((_, index) => pair[index % 2] ?? 0);
      assert.equal(hasMoreFields(SELECT_REPLY_V2, bytes, 499_999), true);
      assert.equal(hasMoreFields(SELECT_REPLY_V2, bytes, 500_000), false);
    });
  }

  it('are no more than the bytes, whatever a length announces', () => {
    // Routes with packed numbers of 2^35 bytes, three of which are there.
    const announced = Uint8Array.of(0x12, 0x09, 0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x01, 0x02);
    assert.ok(fieldsOf(announced) <= announced.length);
  });

  it('are counted to an end, whatever the bytes are', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.equal(hasMoreFields(SELECT_REPLY_V2, bytes, bytes.length), false);
    });
    fc.assert(property, { numRuns: fuzzRuns() });
  });
});
