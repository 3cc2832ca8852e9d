import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SelectRequest } from '../../../src/contract/index.ts';
import { requestWith, viewWith } from '../../../src/contract/index.ts';
import { SelectorError } from '../../../src/errors.ts';
import { decodeSelectRequestV2, encodeSelectRequestV2, SELECT_REQUEST_V2 } from '../../../src/wire/index.ts';
import { fuzzRuns } from '../../fuzz-runs.ts';
import { arbitraryRequest } from './arbitrary-request.ts';
import { fromGob, gobBytes } from './gob-trip.ts';

function encode(request: SelectRequest) {
  const { timeoutMs, message } = request;
  return encodeSelectRequestV2(request, { timeoutMs, headers: message.headers });
}

function trip(request: SelectRequest, pieceBytes?: number): SelectRequest {
  const bytes = gobBytes(SELECT_REQUEST_V2, encode(request));
  return decodeSelectRequestV2(fromGob(bytes, SELECT_REQUEST_V2, pieceBytes));
}

describe('A request of generation 2', () => {
  it('comes through gob as it was, whole and byte by byte', () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.constantFrom(undefined, 1, 3), (request, pieceBytes) => {
        assert.deepEqual(trip(request, pieceBytes), request);
      }),
      { numRuns: fuzzRuns() },
    );
  });

  it('brings numbers that do not fit into the range of their field', () => {
    const { downstreams, now, seed, attempt } = trip(
      requestWith({
        now: 1.5,
        seed: Number.POSITIVE_INFINITY,
        attempt: -1,
        downstreams: [viewWith({ id: 'a', latencyMs: 12.6, inFlight: 2 ** 40, weight: Number.NaN })],
      }),
    );
    assert.deepEqual([now, seed, attempt], [2, Number.MAX_SAFE_INTEGER, 0]);
    const [view] = downstreams;
    assert.deepEqual([view?.latencyMs, view?.inFlight, view?.weight], [13, 0xffff_ffff, 0]);
  });

  it('may name a label as JavaScript names the prototype', () => {
    const labels = JSON.parse('{ "__proto__": "x" }');
    const [view] = trip(requestWith({ downstreams: [viewWith({ id: 'a', labels })] })).downstreams;
    assert.deepEqual(Object.entries(view?.labels ?? {}), [['__proto__', 'x']]);
  });

  it('reads a state of a later release as unspecified', () => {
    const value = { Downstreams: [{ State: 99 }, { State: -1 }] };
    const { downstreams } = decodeSelectRequestV2(value);
    assert.deepEqual(
      downstreams.map(({ state }) => state),
      ['unspecified', 'unspecified'],
    );
  });

  it('is complete where fields are missing', () => {
    const { session, downstreams, seed } = decodeSelectRequestV2({});
    assert.deepEqual([session.user, downstreams, seed], ['', [], 0]);
  });

  const hostile: readonly (readonly [string, unknown])[] = [
    ['no message', 'SelectRequest'],
    ['a seed beyond 2^53', { Seed: 2n ** 63n }],
    ['a negative attempt', { Attempt: -1 }],
    ['a time that is no number', { Now: '1' }],
    ['a session that is a list', { Session: [] }],
    ['recipients that are no list', { Envelope: { Recipients: {} } }],
    ['a recipient that is null', { Envelope: { Recipients: [null] } }],
    ['a parameter that is no string', { Envelope: { MailParameters: [1] } }],
    ['a price that is not finite', { Downstreams: [{ Cost: Number.NaN }] }],
    ['labels that are no map', { Downstreams: [{ Labels: {} }] }],
    ['a label that is no string', { Downstreams: [{ Labels: new Map([['a', 1]]) }] }],
    ['a flag that is a number', { DryRun: 1 }],
    ['a recipient id in history below 0', { History: [{ RecipientIds: [-1] }] }],
  ];
  for (const [what, value] of hostile) {
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => decodeSelectRequestV2(value),
        (error) => error instanceof SelectorError && error.code === 'SELECTOR_REQUEST_SHAPE',
      );
    });
  }

  it('is read or refused by its own error, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
        for (const argument of [value, { Session: value, Downstreams: value }, { Downstreams: [value] }]) {
          try {
            decodeSelectRequestV2(argument);
          } catch (error) {
            assert.ok(error instanceof SelectorError, String(error));
          }
        }
      }),
      { numRuns: fuzzRuns() },
    );
  });
});
