import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SelectReply } from '../../../src/contract/index.ts';
import { SelectorError } from '../../../src/errors.ts';
import { decodeSelectReplyV2, encodeSelectReplyV2, SELECT_REPLY_V2 } from '../../../src/wire/index.ts';
import { fuzzRuns } from '../../fuzz-runs.ts';
import { arbitraryReply } from './arbitrary-reply.ts';
import { fromGob, gobBytes } from './gob-trip.ts';

function trip(reply: SelectReply, pieceBytes?: number): SelectReply {
  const bytes = gobBytes(SELECT_REPLY_V2, encodeSelectReplyV2(reply));
  return decodeSelectReplyV2(fromGob(bytes, SELECT_REPLY_V2, pieceBytes), 'mine');
}

describe('A reply of generation 2', () => {
  it('comes through gob as it was, whole and byte by byte', () => {
    fc.assert(
      fc.property(arbitraryReply, fc.constantFrom(undefined, 1, 3), (reply, pieceBytes) => {
        assert.deepEqual(trip(reply, pieceBytes), reply);
      }),
      { numRuns: fuzzRuns() },
    );
  });

  const hostile: readonly (readonly [string, unknown, string])[] = [
    ['no message', [], 'SELECTOR_REPLY_SHAPE'],
    ['a verdict nobody knows', { Verdict: 4 }, 'SELECTOR_REPLY_SHAPE'],
    ['a negative verdict', { Verdict: -1 }, 'SELECTOR_REPLY_SHAPE'],
    ['a verdict beyond 2^53', { Verdict: 2n ** 62n }, 'SELECTOR_REPLY_SHAPE'],
    ['a verdict and routes', { Verdict: 1, Routes: [{}] }, 'SELECTOR_REPLY_SHAPE'],
    ['a code below 0', { Verdict: 1, Code: -1 }, 'SELECTOR_REPLY_SHAPE'],
    ['a route that is null', { Routes: [null] }, 'SELECTOR_REPLY_SHAPE'],
    ['a recipient beyond 2^53', { Routes: [{ RecipientIds: [2n ** 60n] }] }, 'SELECTOR_REPLY_SHAPE'],
    ['a candidate that is a number', { Routes: [{ CandidateIds: [1] }] }, 'SELECTOR_REPLY_SHAPE'],
    ['a reason that is no string', { Reason: 1 }, 'SELECTOR_REPLY_SHAPE'],
    ['too many routes', { Routes: Array.from({ length: 10_001 }, () => ({})) }, 'SELECTOR_REPLY_TOO_LONG'],
  ];
  for (const [what, value, code] of hostile) {
    it(`is a fault of the selector for ${what}`, () => {
      assert.throws(
        () => decodeSelectReplyV2(value, 'mine'),
        (error) => error instanceof SelectorError && error.code === code && error.message.includes('"mine"'),
      );
    });
  }

  it('is read or refused by its own error, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
        for (const reply of [value, { Routes: value }, { Routes: [value], Verdict: value }]) {
          try {
            decodeSelectReplyV2(reply, 'mine');
          } catch (error) {
            assert.ok(error instanceof SelectorError, String(error));
          }
        }
      }),
      { numRuns: fuzzRuns() },
    );
  });
});
