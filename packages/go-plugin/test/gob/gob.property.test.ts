import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PluginError } from '../../src/errors.ts';
import { GobDecoder } from '../../src/gob/gob-decoder.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import { GobRegistry } from '../../src/gob/gob-registry.ts';
import type { GobType } from '../../src/gob/gob-type.ts';
import { GobInterfaceValue } from '../../src/gob/gob-value.ts';
import * as schema from '../../src/gob/schema.ts';
import go126 from '../fixtures/gob-go-1.26.json' with { type: 'json' };
import golden from '../fixtures/gob-golden.json' with { type: 'json' };
import { fuzzRuns } from '../fuzz-runs.ts';
import { decodeChunks, fromHex, withPrototypes } from './gob-stream.ts';

const numRuns = fuzzRuns(300);

interface Typed {
  readonly type: GobType;
  readonly value: fc.Arbitrary<unknown>;
}

const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;
const basic: readonly Typed[] = [
  { type: schema.GOB_BOOL, value: fc.boolean() },
  { type: schema.GOB_INT, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(narrow) },
  { type: schema.GOB_INT, value: fc.maxSafeInteger() },
  { type: schema.GOB_UINT, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(narrow) },
  // A field of negative zero is omitted, as in Go.
  { type: schema.GOB_FLOAT, value: fc.double().map((value) => (Object.is(value, -0) ? 0 : value)) },
  { type: schema.GOB_STRING, value: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  { type: schema.GOB_BYTES, value: fc.uint8Array({ maxLength: 200 }) },
  {
    type: schema.GOB_INTERFACE,
    value: fc.oneof(
      fc.constant(null),
      fc.string().map((text) => new GobInterfaceValue('string', text)),
      fc.array(fc.integer()).map((list) => new GobInterfaceValue('[]int', list)),
      fc.integer().map((X) => new GobInterfaceValue('main.Point', { X, Y: 1 })),
    ),
  },
];

/** A type of up to `depth` levels and values for it, all parts present so that they come back equal. */
function typed(depth: number): fc.Arbitrary<Typed> {
  const leaf = fc.constantFrom(...basic);
  if (depth === 0) return leaf;
  const part = typed(depth - 1);
  return fc.oneof(
    leaf,
    part.map(({ type, value }) => ({
      type: schema.gobSlice(type),
      value: fc.array(value, { maxLength: 5 }),
    })),
    part.map(({ type, value }) => ({
      type: schema.gobArray(type, 3),
      value: fc.array(value, { minLength: 3, maxLength: 3 }),
    })),
    part.map(({ type, value }) => ({
      type: schema.gobMap(schema.GOB_STRING, type),
      value: fc.array(fc.tuple(fc.string(), value), { maxLength: 4 }).map((entries) => new Map(entries)),
    })),
    fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Z][a-z]{0,6}$/), part), {
        selector: ([name]) => name,
        maxLength: 6,
      })
      .map((fields) => ({
        type: schema.gobStruct('S', Object.fromEntries(fields.map(([name, { type }]) => [name, type]))),
        value: fc.record(Object.fromEntries(fields.map(([name, { value }]) => [name, value])), {
          noNullPrototype: true,
        }),
      })),
  );
}

const stream = typed(3).chain(({ type, value }) =>
  fc.record({ type: fc.constant(type), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
);

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Any stream ends in values or in one `PluginError`; nothing else is ever thrown. */
function decodeAnything(bytes: Uint8Array): number {
  const decoder = new GobDecoder({ maxMessageBytes: 4096, maxValues: 4096 });
  decoder.receive(bytes);
  let count = 0;
  try {
    for (let value = decoder.next(); value !== undefined; value = decoder.next()) count += 1;
  } catch (error) {
    assert.ok(error instanceof PluginError && error.code.startsWith('GOB_'), String(error));
  }
  assert.ok(decoder.heldBytes <= bytes.length);
  return count;
}

describe('gob, whatever the values and however the stream is cut', () => {
  it('decodes what it encodes', () => {
    const registry = new GobRegistry([
      ['main.Point', schema.gobStruct('Point', { X: schema.GOB_INT, Y: schema.GOB_INT })],
    ]);
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        ({ type, values }, sizes) => {
          const encoder = new GobEncoder({ registry });
          for (const value of values) encoder.encode(type, value);
          const decoded = decodeChunks(cut(encoder.takeOutput(), sizes));
          assert.deepEqual(
            decoded.map(({ value }) => withPrototypes(value)),
            values,
          );
        },
      ),
      { numRuns },
    );
  });

  it('answers arbitrary bytes with values or one typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodeAnything(bytes);
      }),
      { numRuns: fuzzRuns(900) },
    );
  });

  it('answers damaged streams with values or one typed error', () => {
    const recorded = [...golden, ...go126].map(({ hex }) => fromHex(hex.join('')));
    const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...recorded), damage, (original, changes) => {
        const bytes = original.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodeAnything(bytes);
      }),
      { numRuns: fuzzRuns(900) },
    );
  });
});
