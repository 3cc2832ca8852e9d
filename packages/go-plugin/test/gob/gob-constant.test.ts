import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GobConstant, GobNumbered } from '../../src/gob/gob-constant.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import { GobRegistry } from '../../src/gob/gob-registry.ts';
import { GobInterfaceValue } from '../../src/gob/gob-value.ts';
import { GOB_INT, GOB_INTERFACE, GOB_STRING, GOB_UINT, gobSlice, gobStruct } from '../../src/gob/schema.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { toHex } from './gob-stream.ts';

const POINT = gobStruct('Point', { X: GOB_INT, Y: GOB_INT });
const POINTS = gobSlice(POINT);
const REQUEST = gobStruct('Request', { ServiceMethod: GOB_STRING, Seq: GOB_UINT });

/** The output of two encoders after each step: one step by kept encodings, one without. */
class Pair {
  readonly kept: GobEncoder;
  readonly plain: GobEncoder;

  constructor(registry = new GobRegistry()) {
    this.kept = new GobEncoder({ registry });
    this.plain = new GobEncoder({ registry });
  }

  constant(constant: GobConstant): void {
    this.kept.encodeConstant(constant);
    this.plain.encode(constant.type, constant.value);
    this.assertSame();
  }

  numbered(numbered: GobNumbered, number: number): void {
    this.kept.encodeNumbered(numbered, number);
    this.plain.encode(numbered.type, numbered.valueWith(number));
    this.assertSame();
  }

  assertSame(): void {
    assert.equal(toHex(this.kept.takeOutput()), toHex(this.plain.takeOutput()));
  }
}

describe('A constant', () => {
  it('is always encoded as any value is, among other values', () => {
    const pair = new Pair();
    const constant = new GobConstant(POINTS, [{ X: 1, Y: 2 }, { Y: 300 }]);
    for (let turn = 0; turn < 4; turn += 1) {
      pair.constant(constant);
      pair.constant(new GobConstant(GOB_STRING, `turn ${turn}`));
      pair.constant(new GobConstant(POINT, { X: turn }));
    }
  });

  it('is encoded for each stream with the ids of that stream', () => {
    const constant = new GobConstant(POINTS, [{ X: 1, Y: 2 }]);
    const [one, other] = [new Pair(), new Pair()];
    other.constant(new GobConstant(REQUEST, { Seq: 1 }));
    for (let turn = 0; turn < 4; turn += 1) {
      one.constant(constant);
      other.constant(constant);
    }
  });

  it('is defined again after its definition was taken back', () => {
    const pair = new Pair();
    const constant = new GobConstant(POINTS, [{ X: 1, Y: 2 }]);
    pair.constant(constant);
    pair.constant(constant);
    for (const encoder of [pair.kept, pair.plain]) encoder.rollback(0, 0);
    pair.constant(constant);
    pair.constant(constant);
  });

  it('may hold an interface whose type is defined with it', () => {
    const pair = new Pair(new GobRegistry([['main.Point', POINT]]));
    const constant = new GobConstant(GOB_INTERFACE, new GobInterfaceValue('main.Point', { X: 1 }));
    for (let turn = 0; turn < 3; turn += 1) pair.constant(constant);
  });

  it('that is unencodable leaves nothing behind', () => {
    const encoder = new GobEncoder();
    assert.throws(
      () => encoder.encodeConstant(new GobConstant(POINTS, [{ X: 'no' }])),
      /expected an integer/,
    );
    assert.equal(encoder.outputLength, 0);
    assert.equal(encoder.definedTypes, 0);
  });
});

describe('A numbered value', () => {
  it('is encoded as any value is, whatever its number and its other fields', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.array(fc.oneof(fc.nat(300), fc.maxSafeNat()), { minLength: 1, maxLength: 10 }),
        (ServiceMethod, numbers) => {
          const pair = new Pair();
          const numbered = new GobNumbered(REQUEST, { ServiceMethod }, 'Seq');
          for (const number of numbers) pair.numbered(numbered, number);
        },
      ),
      { numRuns: fuzzRuns(300) },
    );
  });

  it('is defined again after its definition was taken back', () => {
    const pair = new Pair();
    const numbered = new GobNumbered(REQUEST, { ServiceMethod: 'Plugin.Select' }, 'Seq');
    for (const number of [0, 1, 2]) pair.numbered(numbered, number);
    for (const encoder of [pair.kept, pair.plain]) encoder.rollback(0, 0);
    for (const number of [3, 4]) pair.numbered(numbered, number);
  });
});
