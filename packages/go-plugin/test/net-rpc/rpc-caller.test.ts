import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { GobDecoder } from '../../src/gob/gob-decoder.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import type { GobType } from '../../src/gob/gob-type.ts';
import { GOB_EMPTY_STRUCT, GOB_INT, GOB_STRING, gobSlice, gobStruct } from '../../src/gob/schema.ts';
import { RpcCaller, type RpcCallerEvent } from '../../src/net-rpc/rpc-caller.ts';
import { parseRequestHeader, RESPONSE_TYPE, type RequestHeader } from '../../src/net-rpc/rpc-header.ts';

/** The answering side by hand: one gob stream each way. */
class Peer {
  readonly #decoder = new GobDecoder();
  readonly #encoder = new GobEncoder();

  requests(caller: RpcCaller<string>): { header: RequestHeader; argument: unknown }[] {
    this.#decoder.receive(caller.takeOutput().slice());
    const found: { header: RequestHeader; argument: unknown }[] = [];
    for (let header = this.#decoder.next(); header !== undefined; header = this.#decoder.next()) {
      found.push({ header: parseRequestHeader(header), argument: this.#decoder.next()?.value });
    }
    return found;
  }

  reply(seq: number | bigint, value: unknown, type: GobType = GOB_STRING, error = ''): Uint8Array {
    this.#encoder.encode(RESPONSE_TYPE, { ServiceMethod: 'S.M', Seq: seq, Error: error });
    this.#encoder.encode(type, value);
    return this.#encoder.takeOutput().slice();
  }

  refuse(seq: number, error: string): Uint8Array {
    return this.reply(seq, {}, GOB_EMPTY_STRUCT, error);
  }
}

function events(caller: RpcCaller<string>, bytes?: Uint8Array): RpcCallerEvent<string>[] {
  if (bytes !== undefined) caller.receive(bytes);
  const list: RpcCallerEvent<string>[] = [];
  for (let event = caller.nextEvent(); event !== undefined; event = caller.nextEvent()) list.push(event);
  return list;
}

const call = (value: unknown, dueAt = 1000) => ({
  serviceMethod: 'S.M',
  argument: { type: GOB_STRING, value },
  dueAt,
});

describe('RpcCaller', () => {
  it('numbers calls from 0', () => {
    const caller = new RpcCaller<string>();
    for (const value of ['a', 'b', 'c']) caller.call(call(value), value);
    assert.deepEqual(
      new Peer().requests(caller).map(({ header, argument }) => [header.serviceMethod, header.seq, argument]),
      [
        ['S.M', 0, 'a'],
        ['S.M', 1, 'b'],
        ['S.M', 2, 'c'],
      ],
    );
  });

  it('matches replies that come in another order', () => {
    const caller = new RpcCaller<string>();
    const peer = new Peer();
    for (let index = 0; index < 50; index += 1) caller.call(call(`${index}`), `${index}`);
    const order = Array.from({ length: 50 }, (_, index) => (index * 37) % 50);
    const bytes = Buffer.concat(order.map((seq) => peer.reply(seq, `reply ${seq}`)));
    assert.deepEqual(
      events(caller, bytes).map((event) => event.kind === 'reply' && [event.ticket, event.reply.value]),
      order.map((seq) => [`${seq}`, `reply ${seq}`]),
    );
    assert.equal(caller.pendingCalls, 0);
  });

  it('takes an error for the call alone and consumes its body', () => {
    const peer = new Peer();
    const bytes = Buffer.concat([peer.refuse(0, 'no downstreams'), peer.reply(1, 'fine')]);
    for (const size of [1, bytes.length]) {
      const subject = new RpcCaller<string>();
      subject.call(call('a'), 'a');
      subject.call(call('b'), 'b');
      const found: RpcCallerEvent<string>[] = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...events(subject, bytes.subarray(at, at + size)));
      assert.deepEqual(found, [
        { kind: 'refused', ticket: 'a', text: 'no downstreams' },
        { kind: 'reply', ticket: 'b', reply: { type: GOB_STRING, value: 'fine' } },
      ]);
    }
  });

  it('drops replies nobody waits for, whatever their number and body', () => {
    const caller = new RpcCaller<string>();
    const peer = new Peer();
    caller.call(call('a'), 'a');
    const bytes = Buffer.concat([
      peer.reply(7, 'made up'),
      peer.reply(2n ** 64n - 1n, [1], gobSlice(GOB_INT)),
      peer.reply(0, 'a'),
      peer.reply(0, 'again'),
    ]);
    assert.deepEqual(
      events(caller, bytes).map((event) => event.kind),
      ['reply'],
    );
    assert.equal(caller.droppedReplies, 3);
  });

  it('expires calls in the order of their deadlines and drops their late replies', () => {
    const caller = new RpcCaller<string>();
    const peer = new Peer();
    caller.call(call('slow', 300), 'slow');
    caller.call(call('fast', 100), 'fast');
    caller.call(call('middle', 200), 'middle');
    assert.equal(caller.deadline(), 100);
    caller.tick(99);
    assert.deepEqual(events(caller), []);
    caller.tick(200);
    assert.deepEqual(events(caller), [
      { kind: 'expired', ticket: 'fast' },
      { kind: 'expired', ticket: 'middle' },
    ]);
    assert.equal(caller.deadline(), 300);
    const late = events(caller, Buffer.concat([peer.reply(1, 'late'), peer.reply(0, 'in time')]));
    assert.deepEqual(
      late.map((event) => event.kind === 'reply' && event.ticket),
      ['slow'],
    );
    assert.equal(caller.droppedReplies, 1);
    assert.equal(caller.deadline(), undefined);
  });

  it('forgets a cancelled call, once', () => {
    const caller = new RpcCaller<string>();
    const pending = caller.call(call('a'), 'a');
    assert.equal(caller.cancel(pending), true);
    assert.equal(caller.cancel(pending), false);
    caller.tick(5000);
    assert.deepEqual(events(caller, new Peer().reply(0, 'late')), []);
  });

  it('starts nothing when the argument is refused, and the next call has its number', () => {
    const caller = new RpcCaller<string>();
    const point = gobStruct('Point', { X: GOB_INT });
    assert.throws(
      () =>
        caller.call({ serviceMethod: 'S.M', argument: { type: point, value: { X: 'no' } }, dueAt: 1 }, 'bad'),
      (error) => error instanceof PluginError && error.code === 'GOB_UNENCODABLE',
    );
    assert.equal(caller.pendingCalls, 0);
    assert.equal(caller.deadline(), undefined);
    caller.call({ serviceMethod: 'S.M', argument: { type: point, value: { X: 1 } }, dueAt: 1 }, 'good');
    const [request] = new Peer().requests(caller);
    assert.equal(request?.header.seq, 0);
  });

  it('defines types again after a call whose bytes could not be sent', () => {
    const caller = new RpcCaller<string>();
    const lost = caller.call(call('lost'), 'lost');
    caller.takeOutput();
    caller.withdraw(lost);
    assert.equal(caller.pendingCalls, 0);
    caller.call(call('sent'), 'sent');
    assert.deepEqual(
      new Peer().requests(caller).map(({ header, argument }) => [header.seq, argument]),
      [[1, 'sent']],
    );
  });

  it('fails for good when the stream holds something else', () => {
    for (const { bytes, code } of [
      { bytes: Buffer.from('030c0000', 'hex'), code: 'RPC_BAD_HEADER' },
      { bytes: Buffer.from('03020002', 'hex'), code: 'GOB_MALFORMED' },
    ]) {
      const caller = new RpcCaller<string>();
      caller.call(call('a'), 'a');
      const [failed, ...rest] = events(caller, bytes);
      assert.ok(failed?.kind === 'failed');
      assert.equal(failed.error.code, code);
      assert.deepEqual(rest, []);
      assert.deepEqual(events(caller, new Peer().reply(0, 'too late')), []);
      assert.deepEqual(caller.abandon(), ['a']);
      assert.equal(caller.deadline(), undefined);
    }
  });

  it('tells the shapes of replies apart by their type', () => {
    const caller = new RpcCaller<string>();
    const peer = new Peer();
    caller.call(call('a'), 'a');
    caller.call(call('b'), 'b');
    const list = gobSlice(gobStruct('Downstream', { Addr: GOB_STRING }));
    const bytes = Buffer.concat([peer.reply(0, 'a:25'), peer.reply(1, [{ Addr: 'b:25' }], list)]);
    const kinds = events(caller, bytes).map((event) => event.kind === 'reply' && event.reply.type.kind);
    assert.deepEqual(kinds, ['string', 'slice']);
  });
});
