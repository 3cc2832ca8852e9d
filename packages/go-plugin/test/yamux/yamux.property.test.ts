import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { YamuxSession } from '../../src/yamux/yamux-session.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { concat, eventsOf, session } from './wire.ts';

const numRuns = fuzzRuns(150);

/** What the application on one end does; `stream` picks one of its streams. */
type Action =
  | { readonly kind: 'open' }
  | { readonly kind: 'send'; readonly stream: number; readonly size: number }
  | { readonly kind: 'finish' | 'reset'; readonly stream: number }
  | { readonly kind: 'carry'; readonly size: number };

const action: fc.Arbitrary<readonly [0 | 1, Action]> = fc.tuple(
  fc.constantFrom(0 as const, 1 as const),
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<Action>({ kind: 'open' }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        stream: fc.nat(5),
        size: fc.oneof(fc.nat(50), fc.nat(400_000)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('finish' as const), stream: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), stream: fc.nat(5) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('carry' as const),
        size: fc.oneof(fc.nat(30), fc.nat(300_000)),
      }),
    },
  ),
);

/** The model of one direction of one stream: a running count is all its content. */
interface Direction {
  sent: number;
  received: number;
  isFinished: boolean;
  hasEnded: boolean;
}

/** One end: the engine, its wire to the other end, and what its application did and saw. */
class End {
  readonly session: YamuxSession;
  readonly sending = new Map<number, Direction>();
  readonly receiving = new Map<number, Direction>();
  readonly reset = new Set<number>();
  other: End | undefined;
  wire = new Uint8Array(0);

  constructor(role: 'host' | 'plugin') {
    this.session = session(role);
  }

  pick(index: number): number | undefined {
    const streams = [...this.sending.keys()];
    return streams[index % Math.max(streams.length, 1)];
  }

  track(streamId: number): void {
    this.sending.set(streamId, { sent: 0, received: 0, isFinished: false, hasEnded: false });
    this.receiving.set(streamId, { sent: 0, received: 0, isFinished: false, hasEnded: false });
  }

  do(step: Action): void {
    if (step.kind === 'carry') this.carry(step.size);
    else if (step.kind === 'open') this.open();
    else this.act(step, this.pick(step.stream));
  }

  open(): void {
    const opened = this.session.open(0);
    if (opened.kind === 'opened') this.track(opened.streamId);
  }

  act(step: Exclude<Action, { kind: 'open' | 'carry' }>, streamId: number | undefined): void {
    const direction = streamId === undefined ? undefined : this.sending.get(streamId);
    if (streamId === undefined || direction === undefined || this.reset.has(streamId)) return;
    if (step.kind === 'reset') {
      this.session.reset(streamId);
      this.reset.add(streamId);
    } else if (!direction.isFinished && step.kind === 'finish') {
      this.session.finish(streamId, 0);
      direction.isFinished = true;
    } else if (!direction.isFinished && step.kind === 'send') {
      const bytes = new Uint8Array(step.size).map((_, index) => (direction.sent + index) % 251);
      this.session.send(streamId, bytes);
      direction.sent += step.size;
    }
  }

  /** Brings up to `size` bytes of our output to the other end. */
  carry(size: number): boolean {
    const fresh = this.session.takeOutput();
    if (fresh !== undefined) this.wire = new Uint8Array(concat(this.wire, fresh));
    const part = this.wire.slice(0, size + 1);
    this.wire = this.wire.slice(part.length);
    if (part.length > 0) this.other?.session.receive(part, 0);
    this.other?.observe();
    return part.length > 0;
  }

  observe(): void {
    for (const event of eventsOf(this.session)) {
      assert.notEqual(event.kind, 'ended', 'two correct ends never end each other');
      if (event.kind === 'stream') {
        this.session.accept(event.streamId);
        this.track(event.streamId);
      } else if (event.kind === 'reset') {
        this.reset.add(event.streamId);
      } else if (event.kind === 'end') {
        this.direction(event.streamId).hasEnded = true;
      } else if (event.kind === 'data') {
        this.take(event.streamId, event.bytes);
      }
    }
  }

  take(streamId: number, bytes: Uint8Array): void {
    const direction = this.direction(streamId);
    assert.equal(direction.hasEnded, false, 'no data after the end');
    const isInOrder = bytes.every((byte, index) => byte === (direction.received + index) % 251);
    assert.ok(isInOrder, 'bytes arrive in order and unchanged');
    direction.received += bytes.length;
    this.session.consumed(streamId, bytes.length);
  }

  direction(streamId: number): Direction {
    const direction = this.receiving.get(streamId);
    assert.ok(direction, `stream ${streamId} is known`);
    return direction;
  }
}

describe('yamux, two engines back to back', () => {
  it('carries every byte of every stream in order, whatever is done and however it is cut', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const ends = [new End('host'), new End('plugin')] as const;
        ends[0].other = ends[1];
        ends[1].other = ends[0];
        for (const [who, step] of actions) ends[who].do(step);
        while ([ends[0].carry(70_000), ends[1].carry(70_000)].includes(true));
        for (const end of ends) {
          assert.ok(end.other);
          for (const [streamId, { sent, isFinished }] of end.sending) {
            if (end.reset.has(streamId) || end.other.reset.has(streamId)) continue;
            const { received, hasEnded } = end.other.direction(streamId);
            assert.deepEqual([received, hasEnded], [sent, isFinished], `stream ${streamId}`);
          }
        }
      }),
      { numRuns },
    );
  });
});
