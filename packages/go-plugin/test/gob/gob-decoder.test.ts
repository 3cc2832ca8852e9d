import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { GobDecoder } from '../../src/gob/gob-decoder.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import { GobRegistry } from '../../src/gob/gob-registry.ts';
import type { GobStructType, GobType } from '../../src/gob/gob-type.ts';
import { GobInterfaceValue } from '../../src/gob/gob-value.ts';
import {
  GOB_BYTES,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  gobArray,
  gobMap,
  gobSlice,
  gobStruct,
} from '../../src/gob/schema.ts';
import { decodeChunks, fromHex, pieces, withPrototypes } from './gob-stream.ts';

function encode(type: GobType, value: unknown, registry = new GobRegistry()): Uint8Array {
  const encoder = new GobEncoder({ registry });
  encoder.encode(type, value);
  return encoder.takeOutput();
}

function refusal(code: PluginErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code;
}

describe('GobDecoder', () => {
  it('tells the type by the definitions of the sender', () => {
    const type = gobSlice(gobStruct('Downstream', { Addr: GOB_STRING, User: GOB_STRING }));
    const [decoded] = decodeChunks([encode(type, [{ Addr: 'a:25' }])]);
    assert.deepEqual(decoded?.type, type);
  });

  it('gives one type object to all values of a stream', () => {
    const encoder = new GobEncoder();
    const type = gobSlice(GOB_INT);
    encoder.encode(type, [1]);
    encoder.encode(type, [2]);
    const [first, second] = decodeChunks([encoder.takeOutput()]);
    assert.equal(first?.type, second?.type);
  });

  it('links recursive types to themselves', () => {
    const [decoded] = decodeChunks([
      encode(
        gobStruct('Rec', (self) => ({ V: GOB_INT, Next: self })),
        { V: 1 },
      ),
    ]);
    assert.ok(decoded?.type.kind === 'struct');
    assert.equal(decoded.type.fields[1]?.type, decoded.type);
  });

  it('makes fields of any name harmless data', () => {
    const type = gobStruct('Bad', {
      ['__proto__']: GOB_INTERFACE,
      constructor: GOB_INT,
      toString: GOB_STRING,
    });
    const names: readonly string[] = type.fields.map((field) => field.name);
    assert.deepEqual(names, ['__proto__', 'constructor', 'toString']);
    const polluting = new GobInterfaceValue('map[string]interface {}', new Map([['polluted', null]]));
    const value = Object.fromEntries([
      ['__proto__', polluting],
      ['constructor', 7],
      ['toString', 'x'],
    ]);
    const registry = new GobRegistry([['map[string]interface {}', gobMap(GOB_STRING, GOB_INTERFACE)]]);
    const [decoded] = decodeChunks([encode(type, value, registry)]);
    const found = decoded?.value;
    assert.ok(typeof found === 'object' && found !== null);
    assert.equal(Object.getPrototypeOf(found), null);
    assert.deepEqual(Object.keys(found), names);
    assert.equal('polluted' in {}, false);
  });

  it('copies bytes out of the chunk they came in', () => {
    const decoder = new GobDecoder();
    const chunk = encode(GOB_BYTES, new Uint8Array([1, 2, 3])).slice();
    decoder.receive(chunk);
    const decoded = decoder.next();
    chunk.fill(0);
    assert.deepEqual(decoded?.value, new Uint8Array([1, 2, 3]));
  });

  it('replaces what is not UTF-8 in a text', () => {
    const [decoded] = decodeChunks([fromHex('060c000361ff62')]);
    assert.equal(decoded?.value, 'a\ufffdb');
  });

  it('waits for the second message of a value that is cut in two, and defines its type once', () => {
    const stream = fromHex(
      '281000176d61705b737472696e675d696e74657266616365207b7dff87040102ff8800010c011000000fff880c0001016103696e7404020002',
    );
    const decoder = new GobDecoder();
    for (const byte of stream.subarray(0, stream.length - 1)) {
      decoder.receive(new Uint8Array([byte]));
      assert.equal(decoder.next(), undefined);
    }
    decoder.receive(stream.subarray(stream.length - 1));
    assert.deepEqual(
      decoder.next()?.value,
      new GobInterfaceValue('map[string]interface {}', new Map([['a', new GobInterfaceValue('int', 1)]])),
    );
    assert.equal(decoder.next(), undefined);
  });

  it('repeats its error for ever, because later values depend on what was lost', () => {
    const decoder = new GobDecoder();
    decoder.receive(fromHex('03020002'));
    assert.throws(() => decoder.next(), refusal('GOB_MALFORMED'));
    decoder.receive(fromHex('03020001'));
    assert.throws(() => decoder.next(), refusal('GOB_MALFORMED'));
  });

  it('accepts a message of exactly the limit, and refuses one byte more before it has arrived', () => {
    const accepted = encode(GOB_STRING, 'x'.repeat(95));
    assert.equal(accepted.length, 99);
    assert.equal(decodeChunks([accepted.slice()], { maxMessageBytes: 98 }).length, 1);
    const decoder = new GobDecoder({ maxMessageBytes: 97 });
    decoder.receive(accepted.subarray(0, 1));
    assert.throws(() => decoder.next(), refusal('GOB_MESSAGE_TOO_LONG'));
  });

  it('holds no more than what arrived of a large message', () => {
    const decoder = new GobDecoder();
    decoder.receive(fromHex('fd0fffff0c00'));
    assert.equal(decoder.next(), undefined);
    assert.equal(decoder.heldBytes, 6);
  });

  it('takes 3 MiB in pieces of 64 KiB when the limit allows it', () => {
    const value = new Uint8Array(3 * 1_048_576).map((_, index) => index % 251);
    const stream = encode(GOB_BYTES, value);
    const [decoded] = decodeChunks(pieces(stream, 65_536), { maxMessageBytes: 4 * 1_048_576 });
    assert.ok(decoded?.value instanceof Uint8Array);
    assert.equal(Buffer.compare(decoded.value, value), 0);
  });

  it('refuses values nested deeper than the limit', () => {
    const rec = gobStruct('Rec', (self) => ({ Next: self }));
    let value = {};
    for (let level = 1; level < 40; level += 1) value = { Next: value };
    const stream = encode(rec, value);
    assert.equal(decodeChunks([stream.slice()], { maxDepth: 40 }).length, 1);
    assert.throws(() => decodeChunks([stream.slice()], { maxDepth: 39 }), refusal('GOB_LIMIT'));
  });

  it('refuses zero values that would unfold without bound', () => {
    let type: GobType = GOB_INT;
    for (let level = 0; level < 40; level += 1) type = gobStruct(`T${level}`, { L: type, R: type });
    assert.throws(() => decodeChunks([encode(type, {})]), refusal('GOB_LIMIT'));
    const huge = gobStruct('Huge', { A: gobArray(gobArray(GOB_INT, 100_000), 100_000) });
    assert.throws(() => decodeChunks([encode(huge, {})]), refusal('GOB_LIMIT'));
  });

  it('refuses more types, and more fields, than the limits', () => {
    const struct = (index: number): GobStructType => gobStruct(`T${index}`, { A: GOB_INT, B: GOB_INT });
    const encoder = new GobEncoder();
    for (let index = 0; index < 4; index += 1) encoder.encode(struct(index), {});
    const stream = encoder.takeOutput();
    assert.equal(decodeChunks([stream.slice()], { maxTypes: 4, maxFields: 8 }).length, 4);
    assert.throws(() => decodeChunks([stream.slice()], { maxTypes: 3 }), refusal('GOB_LIMIT'));
    assert.throws(() => decodeChunks([stream.slice()], { maxFields: 7 }), refusal('GOB_LIMIT'));
  });

  it('refuses a value cut into more messages than can be honest', () => {
    const types: [string, GobType][] = Array.from({ length: 80 }, (_, index) => [
      `main.T${index}`,
      gobStruct(`T${index}`, { V: GOB_INT }),
    ]);
    const value = types.map(([name]) => new GobInterfaceValue(name, { V: 1 }));
    const registry = new GobRegistry(types);
    const few = encode(gobSlice(GOB_INTERFACE), value.slice(0, 60), registry).slice();
    assert.equal(decodeChunks(pieces(few, 100)).length, 1);
    const many = encode(gobSlice(GOB_INTERFACE), value, registry).slice();
    assert.throws(() => decodeChunks(pieces(many, 100)), refusal('GOB_LIMIT'));
  });

  it('fills omitted fields of nested structs, and null where a struct would hold itself', () => {
    const node = gobStruct('Node', (self) => ({ V: GOB_INT, Next: self }));
    const outer = gobStruct('Outer', {
      Inner: gobStruct('Inner', { S: GOB_STRING }),
      Node: node,
      V: GOB_INT,
    });
    const [decoded] = decodeChunks([encode(outer, { V: 1 })]);
    assert.deepEqual(withPrototypes(decoded?.value), { Inner: { S: '' }, Node: null, V: 1 });
  });
});
