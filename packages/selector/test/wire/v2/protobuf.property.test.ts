import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GobStructType } from '@smtp-router/go-plugin/gob';
import fc from 'fast-check';
import { SelectorError } from '../../../src/errors.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  decodeConfigurationV2,
  decodeDescriptionV2,
  decodeProblemsV2,
  decodeSelectReplyV2,
  decodeSelectRequestV2,
  encodeSelectReplyV2,
  encodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../../src/wire/index.ts';
import { ProtobufCodec } from '../../../src/wire/v2/protobuf.ts';
import { fuzzRuns } from '../../fuzz-runs.ts';
import { arbitraryReply } from './arbitrary-reply.ts';
import { arbitraryRequest } from './arbitrary-request.ts';

const codec = new ProtobufCodec();

/** What a peer may send, and who reads it. */
const MESSAGES: readonly (readonly [GobStructType, (value: unknown) => unknown])[] = [
  [SELECT_REQUEST_V2, decodeSelectRequestV2],
  [SELECT_REPLY_V2, (value) => decodeSelectReplyV2(value, 'mine')],
  [DESCRIBE_REPLY_V2, (value) => decodeDescriptionV2(value, 'mine')],
  [CONFIGURE_REQUEST_V2, decodeConfigurationV2],
  [CONFIGURE_REPLY_V2, (value) => decodeProblemsV2(value, 'mine')],
];

const validBytes = fc.oneof(
  arbitraryRequest.map((request) =>
    codec.encode(SELECT_REQUEST_V2, encodeSelectRequestV2(request, { timeoutMs: 1, headers: [] })),
  ),
  arbitraryReply.map((reply) => codec.encode(SELECT_REPLY_V2, encodeSelectReplyV2(reply))),
);

/** Bytes without sense, and messages with a few bytes changed or cut off. */
const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(
      validBytes,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.nat({ max: 2 }),
    )
    .map(([bytes, changes, cut]) => {
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes.subarray(0, bytes.length - cut);
    }),
);

it('Protobuf is read or refused by an error of ours, whatever the bytes are', () => {
  const property = fc.property(fc.constantFrom(...MESSAGES), hostileBytes, ([type, decode], bytes) => {
    const decoded = codec.decode(type, bytes);
    if (decoded.kind === 'malformed') return;
    try {
      decode(decoded.value);
    } catch (error) {
      assert.ok(error instanceof SelectorError, String(error));
    }
  });
  fc.assert(property, { numRuns: fuzzRuns() });
});
