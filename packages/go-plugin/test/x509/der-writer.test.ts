import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as der from '../../src/x509/der-writer.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  it('writes the shortest length: one byte up to 127, then a count and big-endian bytes (X.690 §10.1)', () => {
    assert.equal(hex(der.derOctetString(new Uint8Array(127)).subarray(0, 2)), '047f');
    assert.equal(hex(der.derOctetString(new Uint8Array(128)).subarray(0, 3)), '048180');
    assert.equal(hex(der.derOctetString(new Uint8Array(256)).subarray(0, 4)), '04820100');
    assert.equal(hex(der.derOctetString(new Uint8Array(65_536)).subarray(0, 5)), '0483010000');
  });

  it('writes integers positive and without needless zeros (X.690 §8.3.2)', () => {
    assert.equal(hex(der.derInteger(Uint8Array.of(0))), '020100');
    assert.equal(hex(der.derInteger(Uint8Array.of(0, 0, 5))), '020105');
    assert.equal(hex(der.derInteger(Uint8Array.of(0x80))), '02020080');
    assert.equal(hex(der.derInteger(Uint8Array.of(0x7f, 0xff))), '02027fff');
  });

  it('writes object identifiers in seven bits a byte (X.690 §8.19)', () => {
    assert.equal(hex(der.derOid('2.5.4.3')), '0603550403');
    assert.equal(hex(der.derOid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
    assert.equal(hex(der.derOid('1.2.840.113549')), '06062a864886f70d');
  });

  it('writes years up to 2049 with two digits and later ones with four (RFC 5280 §4.1.2.5)', () => {
    const text = (at: string): string => Buffer.from(der.derTime(Date.parse(at))).toString('latin1');
    assert.equal(text('2049-12-31T23:59:59.999Z'), '\x17\x0d491231235959Z');
    assert.equal(text('2050-01-01T00:00:00Z'), '\x18\x0f20500101000000Z');
    assert.equal(text('2026-02-03T04:05:06Z'), '\x17\x0d260203040506Z');
  });

  it('writes elements that read back as what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (values) => {
        const sequence = der.derSequence(...values.map((value) => der.derOctetString(value)));
        assert.deepEqual(readElements(readElement(sequence).content).map(toArray), values.map(toArray));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });

  it('writes integers that read back as what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (magnitude) => {
        const { content } = readElement(der.derInteger(magnitude));
        assert.ok((content[0] ?? 0xff) < 0x80);
        assert.equal(BigInt(`0x${hex(content)}`), BigInt(`0x0${hex(magnitude)}`));
      }),
      { numRuns: fuzzRuns(200) },
    );
  });
});

const toArray = (bytes: Uint8Array): number[] => [...bytes];

function readElement(bytes: Uint8Array): { readonly content: Uint8Array; readonly length: number } {
  const [, first = 0] = bytes;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const length = lengthBytes === 0 ? first : Number(`0x${hex(bytes.subarray(2, 2 + lengthBytes))}`);
  const start = 2 + lengthBytes;
  assert.ok(bytes.length >= start + length, 'an element is longer than what holds it');
  return { content: bytes.subarray(start, start + length), length: start + length };
}

function readElements(bytes: Uint8Array): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { content, length } = readElement(bytes.subarray(at));
    elements.push(content);
    at += length;
  }
  return elements;
}
