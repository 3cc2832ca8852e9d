import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PluginError } from '../../src/errors.ts';
import { GOB_STRING, gobSlice, gobStruct } from '../../src/gob/schema.ts';
import { connectNetRpc } from '../../src/transport/net-rpc-host.ts';
import type { NetRpcPluginConnection } from '../../src/transport/plugin-connection.ts';
import conversation from '../fixtures/conversation.json' with { type: 'json' };
import { ManualClock } from '../fixtures/manual-clock.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { ack, data, fin, frame, goAway, ping, rst, syn, update } from '../yamux/wire.ts';
import { CALL, IGNORE_OUTPUT } from './socket-pair.ts';

/** A run goes through dozens of turns of the event loop, so that it costs more than one of an engine alone. */
const numRuns = Math.ceil(fuzzRuns(6000) / 30);

const LIST = gobSlice(gobStruct('Downstream', { Addr: GOB_STRING, User: GOB_STRING, Pass: GOB_STRING }));
const SELECT = { type: LIST, value: [{ Addr: 'a:25', User: 'u', Pass: 'p' }] };

/** What a good plugin says, step by step. */
const SAID = conversation
  .filter(({ from }) => from === 'plugin')
  .map(({ hex }) => Buffer.from(hex.join(''), 'hex'));

/** By then everything that can be late is. */
const LATE_MS = 400_000;

type Ending = 'end' | 'destroy' | 'stay';

/** What a peer does in one step of the recorded conversation. */
type Step = (said: Buffer) => readonly Uint8Array[];

const streamId = fc.oneof(fc.constantFrom(0, 1, 2, 3, 5, 7, 9), fc.nat(0xffff_ffff));
const someFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  streamId.map(syn),
  streamId.map(ack),
  streamId.map(fin),
  streamId.map(rst),
  fc.tuple(streamId, fc.nat(0xffff_ffff)).map(([id, delta]) => update(0, id, delta)),
  fc
    .tuple(streamId, fc.uint8Array({ maxLength: 60 }), fc.nat(15))
    .map(([id, bytes, flags]) => data(id, bytes, flags)),
  fc.tuple(fc.nat(5), fc.nat(15), streamId, fc.nat(500_000)).map((fields) => frame(...fields)),
  fc.nat(9).map((value) => ping(value)),
  fc.nat(3).map(goAway),
  fc.uint8Array({ maxLength: 40 }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.constant((said: Buffer) => [said]) },
  { weight: 1, arbitrary: fc.constant(() => []) },
  { weight: 1, arbitrary: fc.constant((said: Buffer) => [said, said]) },
  {
    weight: 2,
    arbitrary: fc.array(someFrame, { maxLength: 5 }).map((frames) => (said: Buffer) => [...frames, said]),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((changes) => (said: Buffer) => [damaged(said, changes)]),
  },
  { weight: 1, arbitrary: fc.nat(60).map((length) => (said: Buffer) => [said.subarray(0, length)]) },
);

describe('a net/rpc host, whatever its plugin does', () => {
  it('has every call answered or refused by an error of the catalogue, in bounded time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: SAID.length, maxLength: SAID.length }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom<Ending>('end', 'destroy', 'stay'),
        async (steps, size, ending) => {
          const bytes = steps.map((does, index) => Buffer.concat(does(SAID[index] ?? Buffer.alloc(0))));
          await attack(bytes, { size, ending });
        },
      ),
      { numRuns },
    );
  });
});

/** Plays the steps to a host that pings, dispenses, calls and quits, and looks at how each of that ended. */
async function attack(
  steps: readonly Buffer[],
  { size, ending }: { readonly size: number; readonly ending: Ending },
): Promise<void> {
  const [near, far] = duplexPair();
  const clock = new ManualClock();
  const host = connectNetRpc(near, { ...IGNORE_OUTPUT, clock });
  const errors: unknown[] = [];
  const calling = callEverything(host, (error) => errors.push(error));
  far.resume().on('error', () => undefined);
  for (const bytes of steps) await play(far, bytes, size);
  if (ending === 'end') far.end();
  if (ending === 'destroy') far.destroy();
  await turn();
  await clock.advance(LATE_MS);
  await calling;
  host.close();
  await host.closed;
  await clock.advance(LATE_MS);
  for (const error of errors) assert.ok(error instanceof PluginError, String(error));
  assert.equal(clock.pendingTimers, 0);
  assert.ok(near.destroyed);
}

/** Settles when each call has; a call that could not be made is noted too. */
async function callEverything(host: NetRpcPluginConnection, note: (error: unknown) => void): Promise<void> {
  const pinged = host.ping(CALL).catch(note);
  try {
    const channel = await host.dispense('selector', CALL);
    const calls = Array.from({ length: 3 }, () => channel.call('Select', SELECT, CALL).catch(note));
    await Promise.all(calls);
    channel.close();
  } catch (error) {
    note(error);
  }
  await pinged;
  await host.quit(CALL).catch(note);
}

async function play(wire: Duplex, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length && wire.writable; at += size) wire.write(bytes.subarray(at, at + size));
  // So many turns a host takes at most from an answer to its next request.
  for (let count = 0; count < 3; count += 1) await turn();
}

function damaged(bytes: Buffer, changes: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
  return copy;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
