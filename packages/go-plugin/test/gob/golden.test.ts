import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import { GobEncoder } from '../../src/gob/gob-encoder.ts';
import go126 from '../fixtures/gob-go-1.26.json' with { type: 'json' };
import golden from '../fixtures/gob-golden.json' with { type: 'json' };
import refused from '../fixtures/gob-refused.json' with { type: 'json' };
import { decodeChunks, fromHex, pieces, toHex, withPrototypes } from './gob-stream.ts';
import { GOLDEN_VALUES, type GoldenValues } from './golden-values.ts';

function valuesOf(name: string): GoldenValues {
  const values = GOLDEN_VALUES[name];
  assert.ok(values, `golden-values.ts knows ${name}`);
  return values;
}

for (const { name: file, vectors } of [
  { name: 'Go 1.19', vectors: golden },
  { name: 'Go 1.26', vectors: go126 },
]) {
  describe(`gob as ${file} writes it`, () => {
    for (const { name, firstTypeId, hex } of vectors) {
      const { type, values, decoded = values, registry } = valuesOf(name);

      it(`${name}: the encoder writes the same bytes`, () => {
        const encoder = new GobEncoder({ firstTypeId, ...(registry === undefined ? {} : { registry }) });
        const written = values.map((value) => {
          encoder.encode(type, value);
          return toHex(encoder.takeOutput());
        });
        assert.deepEqual(written, hex);
      });

      for (const size of [Infinity, 1, 2, 3, 7]) {
        it(`${name}: decoded in pieces of ${size} bytes`, () => {
          const stream = fromHex(hex.join(''));
          const chunks = size === Infinity ? [stream] : pieces(stream, size);
          const found = decodeChunks(chunks).map((value) => withPrototypes(value.value));
          assert.deepEqual(found, decoded);
        });
      }
    }
  });
}

describe('a gob stream is refused for', () => {
  for (const { name, hex, code } of refused) {
    for (const size of [Infinity, 1]) {
      it(`${name}, in pieces of ${size} bytes`, () => {
        const stream = fromHex(hex);
        const chunks = size === Infinity ? [stream] : pieces(stream, size);
        assert.throws(
          () => decodeChunks(chunks),
          (error) => error instanceof PluginError && error.code === code,
        );
      });
    }
  }
});
