import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeaderSection } from '../../src/message/header-section.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

function sectionOf(...pieces: readonly string[]): string {
  const section = new HeaderSection();
  for (const piece of pieces) section.append(Buffer.from(piece, 'latin1'));
  return Buffer.from(section.bytes()).toString('latin1');
}

test('The header section ends with the first empty line (RFC 5322 §2.1)', () => {
  assert.equal(sectionOf('A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n'), 'A: 1\r\nB: 2\r\n\r\n');
});

test('Content that begins with an empty line has an empty header section', () => {
  assert.equal(sectionOf('\r\nA: 1\r\n'), '\r\n');
});

test('Content without an empty line is all header', () => {
  assert.equal(sectionOf('A: 1\r\nB: 2\r\n'), 'A: 1\r\nB: 2\r\n');
});

test('A carriage return alone at the start of a line is no empty line', () => {
  assert.equal(sectionOf('A: 1\r\n\rB: 2\r\n\r\nbody'), 'A: 1\r\n\rB: 2\r\n\r\n');
});

test('Nothing is kept beyond 64 KiB', () => {
  const section = new HeaderSection();
  for (let index = 0; index < 100; index += 1) section.append(Buffer.alloc(1_000, 'x'));
  assert.equal(section.bytes().length, HeaderSection.MAX_BYTES);
  assert.equal(section.isComplete, true);
});

test('How content is cut does not matter', () => {
  const text = fc.array(fc.constantFrom('A: b', '\r\n', '\r', '\n', ' x'), { maxLength: 40 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (parts, cuts) => {
      const whole = parts.join('');
      const pieces = cutAt(whole, cuts);
      assert.equal(sectionOf(...pieces), sectionOf(whole));
      assert.equal(sectionOf(...whole), sectionOf(whole));
    }),
    runs,
  );
});

function cutAt(whole: string, cuts: readonly number[]): readonly string[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), whole.length];
  return edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
}
