import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GobType } from '../../src/gob/gob-type.ts';
import { GOB_INT, GOB_STRING, gobSlice, gobStruct } from '../../src/gob/schema.ts';
import { RpcCaller, type RpcCallerEvent } from '../../src/net-rpc/rpc-caller.ts';
import { type RpcRequest, RpcResponder, type RpcResponderOptions } from '../../src/net-rpc/rpc-responder.ts';
import type { RpcService } from '../../src/net-rpc/rpc-service.ts';
import { withPrototypes } from '../gob/gob-stream.ts';

const PAIR = gobStruct('Pair', { A: GOB_INT, B: GOB_INT });
const SERVICE: RpcService = {
  Echo: { argument: GOB_STRING, reply: GOB_STRING, handle: () => '' },
  Swap: { argument: PAIR, reply: PAIR, handle: () => ({}) },
};

function responder(options: RpcResponderOptions = {}): RpcResponder {
  return new RpcResponder(new Map([['Test', SERVICE]]), options);
}

function requests(subject: RpcResponder): RpcRequest[] {
  const found: RpcRequest[] = [];
  for (let event = subject.nextEvent(); event !== undefined; event = subject.nextEvent()) {
    assert.ok(event.kind === 'request');
    found.push(event.request);
  }
  return found;
}

/** A caller and what it asks for. */
class Asker {
  readonly #caller = new RpcCaller<string>();

  ask(subject: RpcResponder, serviceMethod: string, value: unknown, type: GobType = GOB_STRING): void {
    this.#caller.call({ serviceMethod, argument: { type, value }, dueAt: Infinity }, serviceMethod);
    subject.receive(this.#caller.takeOutput().slice());
  }

  answers(subject: RpcResponder): RpcCallerEvent<string>[] {
    this.#caller.receive(subject.takeOutput().slice());
    const found: RpcCallerEvent<string>[] = [];
    for (let event = this.#caller.nextEvent(); event !== undefined; event = this.#caller.nextEvent()) {
      found.push(event);
    }
    return found;
  }

  /** The error texts of all answers. */
  texts(subject: RpcResponder): string[] {
    return this.answers(subject).map((event) => (event.kind === 'refused' ? event.text : event.kind));
  }
}

describe('RpcResponder', () => {
  it('hands requests out and takes their answers in any order', () => {
    const [subject, asker] = [responder(), new Asker()];
    for (const value of ['a', 'b', 'c']) asker.ask(subject, 'Test.Echo', value);
    const [first, second, third] = requests(subject);
    assert.ok(first && second && third);
    assert.deepEqual([first.argument, second.argument, third.argument], ['a', 'b', 'c']);
    subject.reply(third, 'C');
    subject.refuse(first, 'A failed');
    subject.reply(second, 'B');
    assert.deepEqual(
      asker.answers(subject).map((event) => (event.kind === 'reply' ? event.reply.value : event)),
      ['C', { kind: 'refused', ticket: 'Test.Echo', text: 'A failed' }, 'B'],
    );
    assert.equal(subject.pendingRequests, 0);
  });

  it('answers in Go’s words for what it does not have, and goes on', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(subject, 'Test.Missing', 'x');
    asker.ask(subject, 'Other.Echo', { A: 1 }, PAIR);
    asker.ask(subject, 'nodot', 'x');
    asker.ask(subject, 'Test.toString', 'x');
    asker.ask(subject, 'Test.Echo', 'still here');
    const [request, ...rest] = requests(subject);
    assert.equal(request?.argument, 'still here');
    assert.deepEqual(rest, []);
    assert.deepEqual(asker.texts(subject), [
      "rpc: can't find method Test.Missing",
      "rpc: can't find service Other.Echo",
      'rpc: service/method request ill-formed: nodot',
      "rpc: can't find method Test.toString",
    ]);
  });

  it('splits service and method at the last dot', () => {
    const subject = new RpcResponder(new Map([['a.b', SERVICE]]));
    const asker = new Asker();
    asker.ask(subject, 'a.b.Echo', 'x');
    assert.equal(requests(subject).length, 1);
  });

  it('refuses an argument of another type and stays usable', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(subject, 'Test.Echo', 5, GOB_INT);
    asker.ask(subject, 'Test.Swap', { C: 1 }, gobStruct('Other', { C: GOB_INT }));
    asker.ask(subject, 'Test.Echo', 'fine');
    assert.equal(requests(subject).length, 1);
    assert.deepEqual(asker.texts(subject), [
      'gob: decoding into local type string, received remote type int',
      'gob: type mismatch: no fields matched compiling decoder for Pair',
    ]);
  });

  it('fits arguments by field names', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(
      subject,
      'Test.Swap',
      { Extra: 'x', B: 2 },
      gobStruct('Mine', { Extra: GOB_STRING, B: GOB_INT }),
    );
    assert.deepEqual(withPrototypes(requests(subject)[0]?.argument), { A: 0, B: 2 });
  });

  it('turns a reply that does not fit into an error for the caller', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(subject, 'Test.Echo', 'x');
    asker.ask(subject, 'Test.Echo', 'y');
    const [first, second] = requests(subject);
    assert.ok(first && second);
    subject.reply(first, 42);
    subject.reply(second, 'fine');
    const [refused, reply] = asker.answers(subject);
    assert.ok(refused?.kind === 'refused');
    assert.match(refused.text, /cannot be encoded as string/);
    assert.equal(reply?.kind, 'reply');
  });

  it('never lets an empty error text pass for success', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(subject, 'Test.Echo', 'x');
    const [request] = requests(subject);
    assert.ok(request);
    subject.refuse(request, '');
    assert.equal(asker.answers(subject)[0]?.kind, 'refused');
  });

  it('answers a request once', () => {
    const [subject, asker] = [responder(), new Asker()];
    asker.ask(subject, 'Test.Echo', 'x');
    const [request] = requests(subject);
    assert.ok(request);
    subject.reply(request, 'one');
    subject.reply(request, 'two');
    subject.refuse(request, 'three');
    assert.equal(asker.answers(subject).length, 1);
  });

  it('hands out no more than the limit until some are answered', () => {
    const [subject, asker] = [responder({ maxPendingRequests: 2 }), new Asker()];
    for (const value of ['a', 'b', 'c', 'd']) asker.ask(subject, 'Test.Echo', value);
    const [first, second, ...none] = requests(subject);
    assert.ok(first && second);
    assert.deepEqual([none.length, subject.isSaturated], [0, true]);
    subject.reply(first, 'A');
    const [third, ...more] = requests(subject);
    assert.deepEqual([third?.argument, more.length], ['c', 0]);
  });

  it('fails for good when the stream holds something else than requests', () => {
    const subject = responder();
    subject.receive(Buffer.from('03020001', 'hex'));
    const event = subject.nextEvent();
    assert.ok(event?.kind === 'failed');
    assert.equal(event.error.code, 'RPC_BAD_HEADER');
    new Asker().ask(subject, 'Test.Echo', 'x');
    assert.equal(subject.nextEvent(), undefined);
  });

  it('knows slices of structs as Go sends them', () => {
    const list = gobSlice(gobStruct('Downstream', { Addr: GOB_STRING, User: GOB_STRING }));
    const subject = new RpcResponder(
      new Map([['Plugin', { Select: { argument: list, reply: GOB_STRING, handle: () => '' } }]]),
    );
    new Asker().ask(subject, 'Plugin.Select', [{ Addr: 'a:25' }, { Addr: 'b:25', User: 'u' }], list);
    assert.deepEqual(withPrototypes(requests(subject)[0]?.argument), [
      { Addr: 'a:25', User: '' },
      { Addr: 'b:25', User: 'u' },
    ]);
  });
});
