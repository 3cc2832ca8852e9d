import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValueFitter } from '../../src/gob/fit-value.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import type { GobType } from '../../src/gob/gob-type.ts';
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_INT,
  GOB_STRING,
  GOB_UINT,
  gobArray,
  gobMap,
  gobOpaque,
  gobSlice,
  gobStruct,
} from '../../src/gob/schema.ts';
import { decodeChunks, withPrototypes } from './gob-stream.ts';

/** What a receiver that wants `wanted` makes of a value sent as `sent`. */
function fit(sent: GobType, value: unknown, wanted: GobType): unknown {
  const encoder = new GobEncoder();
  encoder.encode(sent, value);
  const [decoded] = decodeChunks([encoder.takeOutput()]);
  assert.ok(decoded);
  const fitted = new ValueFitter().fit(decoded, wanted);
  return fitted.kind === 'fits' ? withPrototypes(fitted.value) : fitted.text;
}

describe('ValueFitter', () => {
  it('matches struct fields by name, drops unknown ones and fills missing ones', () => {
    const sent = gobStruct('Sent', { Extra: GOB_BOOL, B: GOB_STRING, A: GOB_INT });
    const wanted = gobStruct('Wanted', {
      A: GOB_INT,
      B: GOB_STRING,
      Text: GOB_STRING,
      List: gobSlice(GOB_INT),
      Map: gobMap(GOB_STRING, GOB_INT),
      Fixed: gobArray(GOB_UINT, 2),
      Raw: GOB_BYTES,
      Nested: gobStruct('N', { Flag: GOB_BOOL }),
    });
    assert.deepEqual(fit(sent, { Extra: true, A: 1, B: 'b' }, wanted), {
      A: 1,
      B: 'b',
      Text: '',
      List: [],
      Map: new Map(),
      Fixed: [0, 0],
      Raw: new Uint8Array(0),
      Nested: { Flag: false },
    });
  });

  it('fits the parts of slices, arrays and maps', () => {
    const sent = gobStruct('S', { X: GOB_INT, Y: GOB_INT });
    const wanted = gobStruct('W', { Y: GOB_INT });
    const value = { X: 1, Y: 2 };
    assert.deepEqual(fit(gobSlice(sent), [value], gobSlice(wanted)), [{ Y: 2 }]);
    assert.deepEqual(fit(gobArray(sent, 1), [value], gobArray(wanted, 1)), [{ Y: 2 }]);
    assert.deepEqual(
      fit(gobMap(GOB_INT, sent), new Map([[1, value]]), gobMap(GOB_INT, wanted)),
      new Map([[1, { Y: 2 }]]),
    );
  });

  it('tells two uses of one type apart', () => {
    const sent = gobStruct('P', { X: GOB_INT, Y: GOB_INT });
    const [whole, half] = [gobStruct('W', { X: GOB_INT, Y: GOB_INT }), gobStruct('H', { Y: GOB_INT })];
    const value = { A: { X: 1, Y: 2 }, B: { X: 3, Y: 4 } };
    assert.deepEqual(
      fit(gobStruct('S', { A: sent, B: sent }), value, gobStruct('T', { A: whole, B: half })),
      {
        A: { X: 1, Y: 2 },
        B: { Y: 4 },
      },
    );
  });

  it('leaves a value alone whose type has the same fields', () => {
    const type = gobSlice(gobStruct('S', { X: GOB_INT }));
    const received = { type, value: [{ X: 1 }] };
    const fitted = new ValueFitter().fit(received, gobSlice(gobStruct('Other', { X: GOB_INT })));
    assert.equal(fitted.kind === 'fits' && fitted.value, received.value);
  });

  it('does not mind the names of types', () => {
    assert.deepEqual(fit(gobSlice(GOB_INT, 'Mine'), [1], gobSlice(GOB_INT, 'Theirs')), [1]);
  });

  it('compares recursive types', () => {
    const node = (name: string) => gobStruct(name, (self) => ({ V: GOB_INT, Next: self }));
    assert.deepEqual(fit(node('A'), { V: 1, Next: { V: 2 } }, node('B')), {
      V: 1,
      Next: { V: 2, Next: null },
    });
  });

  const mismatches: readonly (readonly [GobType, unknown, GobType, string])[] = [
    [GOB_INT, 1, GOB_UINT, 'gob: decoding into local type uint, received remote type int'],
    [GOB_STRING, 'x', GOB_BYTES, 'gob: decoding into local type []uint8, received remote type string'],
    [
      gobSlice(GOB_STRING),
      ['x'],
      GOB_STRING,
      'gob: decoding into local type string, received remote type []string',
    ],
    [
      gobArray(GOB_INT, 2),
      [1, 2],
      gobArray(GOB_INT, 3),
      'gob: decoding into local type [3]int, received remote type [2]int',
    ],
    [
      gobMap(GOB_STRING, GOB_INT),
      new Map(),
      gobMap(GOB_STRING, GOB_BOOL),
      'gob: decoding into local type bool, received remote type int',
    ],
    [
      gobStruct('Sent', { A: GOB_INT }),
      { A: 1 },
      gobStruct('Wanted', { A: GOB_STRING }),
      'gob: wrong type (string) for received field Wanted.A',
    ],
    [
      gobStruct('Sent', { A: GOB_INT }),
      { A: 1 },
      gobStruct('Wanted', { B: GOB_INT }),
      'gob: type mismatch: no fields matched compiling decoder for Wanted',
    ],
    [
      gobOpaque('Time', 'gob'),
      new Uint8Array(1),
      GOB_BYTES,
      'gob: decoding into local type []uint8, received remote type Time',
    ],
  ];
  for (const [sent, value, wanted, text] of mismatches) {
    it(`says ${text}`, () => assert.equal(fit(sent, value, wanted), text));
  }
});
