import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PluginError } from '../../src/errors.ts';
import { GOB_INT, GOB_STRING, gobStruct } from '../../src/gob/schema.ts';
import { RpcCaller } from '../../src/net-rpc/rpc-caller.ts';
import { RpcResponder } from '../../src/net-rpc/rpc-responder.ts';
import type { RpcService } from '../../src/net-rpc/rpc-service.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { pieces } from '../gob/gob-stream.ts';

const PAIR = gobStruct('Pair', { A: GOB_INT, B: GOB_STRING });
const SERVICE: RpcService = { Swap: { argument: PAIR, reply: PAIR, handle: () => ({}) } };
const CALLS = 3;

/** A caller with calls under way, as whoever reads replies has them. */
function callerWithCalls(): RpcCaller<number> {
  const caller = new RpcCaller<number>();
  for (let ticket = 0; ticket < CALLS; ticket += 1) {
    const argument = { type: PAIR, value: { A: ticket, B: 'words' } };
    caller.call({ serviceMethod: 'Test.Swap', argument, dueAt: Infinity }, ticket);
  }
  return caller;
}

function responder(): RpcResponder {
  return new RpcResponder(new Map([['Test', SERVICE]]));
}

const REQUESTS = callerWithCalls().takeOutput().slice();

function answered(): Uint8Array {
  const subject = responder();
  subject.receive(REQUESTS);
  for (let event = subject.nextEvent(); event?.kind === 'request'; event = subject.nextEvent()) {
    subject.reply(event.request, { A: 1, B: 'answer' });
  }
  return subject.takeOutput().slice();
}

/** What an engine came to, chunk by chunk; only errors of the catalogue are told, others fail the test. */
function run(
  subject: {
    receive(bytes: Uint8Array): void;
    nextEvent(): { readonly kind: string; readonly error?: unknown } | undefined;
  },
  chunks: readonly Uint8Array[],
): readonly string[] {
  const told: string[] = [];
  for (const chunk of chunks) {
    subject.receive(chunk);
    for (let event = subject.nextEvent(); event !== undefined; event = subject.nextEvent()) {
      if (event.kind === 'failed') assert.ok(event.error instanceof PluginError);
      told.push(event.error instanceof PluginError ? event.error.code : event.kind);
    }
  }
  return told;
}

/** A recorded stream with some bytes changed, left out or added, and maybe cut off. */
function damaged(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(original.length - 1),
    remove: fc.nat(2),
    insert: fc.uint8Array({ maxLength: 3 }),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let bytes = Buffer.from(original);
    for (const { at, remove, insert } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
    }
    return new Uint8Array(bytes);
  });
}

describe('net/rpc, whatever the peer sends and however it is cut', () => {
  for (const [side, stream, subject] of [
    ['requests', REQUESTS, responder],
    ['replies', answered(), callerWithCalls],
  ] as const) {
    it(`undamaged ${side} are all understood`, () => {
      assert.equal(run(subject(), [stream]).length, CALLS);
    });

    it(`damaged ${side} lead to the same events or the same error, whole and in pieces`, () => {
      fc.assert(
        fc.property(
          fc.oneof(damaged(stream), fc.uint8Array({ maxLength: 100 })),
          fc.integer({ min: 1, max: 40 }),
          (bytes, size) => {
            assert.deepEqual(run(subject(), pieces(bytes, size)), run(subject(), [bytes]));
          },
        ),
        { numRuns: fuzzRuns(400) },
      );
    });
  }
});
