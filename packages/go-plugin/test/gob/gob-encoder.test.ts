import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import type { GobType } from '../../src/gob/gob-type.ts';
import { GobInterfaceValue } from '../../src/gob/gob-value.ts';
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_COMPLEX,
  GOB_FLOAT,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  GOB_UINT,
  gobArray,
  gobMap,
  gobSlice,
  gobStruct,
} from '../../src/gob/schema.ts';
import { decodeChunks, toHex, withPrototypes } from './gob-stream.ts';

const POINT = gobStruct('Point', { X: GOB_INT, Y: GOB_INT });

describe('GobEncoder', () => {
  const misfits: readonly (readonly [GobType, unknown, RegExp])[] = [
    [GOB_BOOL, 1, /expected a boolean, found number/],
    [GOB_INT, 1.5, /expected an integer/],
    [GOB_INT, 2 ** 53, /expected an integer/],
    [GOB_INT, 2n ** 63n, /expected an integer/],
    [GOB_UINT, -1, /expected an unsigned integer/],
    [GOB_UINT, 2n ** 64n, /expected an unsigned integer/],
    [GOB_FLOAT, '1', /expected a number, found string/],
    [GOB_STRING, null, /expected a string, found null/],
    [GOB_BYTES, [1], /expected a Uint8Array, found an array/],
    [GOB_COMPLEX, { real: 1 }, /expected a complex number/],
    [GOB_INTERFACE, 'text', /expected a GobInterfaceValue/],
    [GOB_INTERFACE, new GobInterfaceValue('main.Unknown', 1), /no type is registered as main.Unknown/],
    [gobSlice(GOB_INT), 'x', /expected an array/],
    [gobSlice(GOB_INT), [1, 'x'], /at \[1\]/],
    [gobArray(GOB_INT, 2), [1], /an array of 2 elements/],
    [gobMap(GOB_STRING, GOB_INT), {}, /expected a Map/],
    [gobMap(GOB_STRING, GOB_INT), new Map([['k', 'v']]), /at \[k\]/],
    [POINT, null, /as Point: expected an object/],
    [gobSlice(POINT, 'Path'), [{ X: 1 }, { X: 2, Y: 'north' }], /as Path at \[1\]\.Y: expected an integer/],
  ];
  for (const [type, value, message] of misfits) {
    it(`refuses a value with the words ${message.source}`, () => {
      assert.throws(
        () => new GobEncoder().encode(type, value),
        (error) =>
          error instanceof PluginError && error.code === 'GOB_UNENCODABLE' && message.test(error.message),
      );
    });
  }

  it('does not repeat the value in the error: it may be a secret', () => {
    assert.throws(
      () => new GobEncoder().encode(POINT, { X: 'hunter2' }),
      (error) => error instanceof Error && !error.message.includes('hunter2'),
    );
  });

  it('leaves the stream as it was when a value is refused, also amid definitions inside interfaces', () => {
    const encoder = new GobEncoder();
    const untouched = new GobEncoder();
    const list = gobSlice(GOB_INTERFACE);
    encoder.encode(GOB_STRING, 'before');
    untouched.encode(GOB_STRING, 'before');
    assert.throws(() =>
      encoder.encode(list, [new GobInterfaceValue('[]string', ['a']), new GobInterfaceValue('int', 'no')]),
    );
    for (const each of [encoder, untouched]) each.encode(list, [new GobInterfaceValue('[]string', ['b'])]);
    assert.equal(toHex(encoder.takeOutput()), toHex(untouched.takeOutput()));
  });

  it('refuses a value that contains itself', () => {
    const rec = gobStruct('Rec', (self) => ({ Next: self }));
    const value: { Next?: unknown } = {};
    value.Next = value;
    assert.throws(() => new GobEncoder().encode(rec, value), /more than 256 levels of nesting/);
  });

  it('refuses types that cannot be described', () => {
    for (const type of [
      gobArray(GOB_INT, -1),
      gobArray(GOB_INT, 1.5),
      gobStruct('T', { '': GOB_INT }),
      { kind: 'struct', name: 'T', fields: [0, 1].map(() => ({ name: 'A', type: GOB_INT })) } as const,
    ]) {
      assert.throws(
        () => new GobEncoder().encode(type, []),
        (error) => error instanceof PluginError && error.code === 'GOB_BAD_SCHEMA',
      );
    }
  });

  it('defines a type once on a stream and afresh on the next', () => {
    const encoder = new GobEncoder();
    encoder.encode(POINT, { X: 1 });
    const first = toHex(encoder.takeOutput());
    encoder.encode(POINT, { X: 1 });
    const second = toHex(encoder.takeOutput());
    assert.ok(first.endsWith(second) && first.length > second.length);
    const next = new GobEncoder();
    next.encode(POINT, { X: 1 });
    assert.equal(toHex(next.takeOutput()), first);
  });

  it('collects several values until they are taken', () => {
    const encoder = new GobEncoder();
    encoder.encode(GOB_INT, 1);
    encoder.encode(GOB_STRING, 'two');
    const values = decodeChunks([encoder.takeOutput()]).map((decoded) => decoded.value);
    assert.deepEqual(values, [1, 'two']);
    assert.equal(encoder.takeOutput().length, 0);
  });

  it('takes null and undefined for zero in fields, for nothing in slices and maps', () => {
    const type = gobStruct('T', {
      A: GOB_INT,
      S: gobSlice(GOB_INT),
      M: gobMap(GOB_STRING, GOB_INT),
      P: POINT,
      Z: GOB_STRING,
    });
    const encoder = new GobEncoder();
    encoder.encode(type, { A: null, S: null, M: undefined, P: null, Z: 'end' });
    const [decoded] = decodeChunks([encoder.takeOutput()]);
    assert.deepEqual(withPrototypes(decoded?.value), {
      A: 0,
      S: [],
      M: new Map(),
      P: { X: 0, Y: 0 },
      Z: 'end',
    });
  });

  it('writes a lone surrogate as U+FFFD', () => {
    const encoder = new GobEncoder();
    encoder.encode(GOB_STRING, 'a\ud800b');
    assert.equal(decodeChunks([encoder.takeOutput()])[0]?.value, 'a\ufffdb');
  });
});
