import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentReader } from '../../src/grammar/content-reader.ts';
import { PlainTextScan } from '../../src/grammar/plain-text-scan.ts';
import { SIMD_SCANNER, SimdScanner, SimdTextScan } from '../../src/grammar/simd-text-scan.ts';
import type { TextScan } from '../../src/grammar/text-scan.ts';
import { bytesOf, fuzzRuns, textOf } from '../support/chunks.ts';

function simdScan(bytes: Uint8Array): TextScan {
  assert.ok(SIMD_SCANNER, 'there is WebAssembly with SIMD here');
  return new SimdTextScan(SIMD_SCANNER, bytes);
}

/** Where a reader may begin: anywhere but between CR and LF. */
function* startsOf(bytes: Uint8Array): Generator<number> {
  for (let start = 0; start <= bytes.length; start += 1)
    if (bytes[start] !== 0x0a || bytes[start - 1] !== 0x0d) yield start;
}

/** Every short sequence of the bytes that matter, moved over every place in a turn of 64 bytes. */
test('Both scans stop at the same places, wherever these lie', () => {
  const marks = ['\r', '\n', '.', '\0', 'x', '\x0b', '\xff'];
  for (const first of marks) {
    for (const second of marks) {
      for (const third of marks) {
        for (let offset = 0; offset < 70; offset += 3) {
          const bytes = bytesOf(`${'a'.repeat(offset)}${first}${second}${third}\r\nb`);
          assert.equal(simdScan(bytes).skip(0), new PlainTextScan(bytes).skip(0), textOf(bytes));
        }
      }
    }
  }
});

test('Both scans of any bytes stop at the same places', () => {
  const word = fc.constantFrom(
    '\r',
    '\n',
    '.',
    '\0',
    '\xff',
    '\x0c',
    '\r\n',
    '\r\n.',
    'words of some length',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const bytes = bytesOf(words.join(''));
      const [simd, plain] = [simdScan(bytes), new PlainTextScan(bytes)];
      for (const start of startsOf(bytes)) assert.equal(simd.skip(start), plain.skip(start));
    }),
    { numRuns: fuzzRuns(500) },
  );
});

test('Two scans by turns do not see the bytes of each other', () => {
  const calm = simdScan(bytesOf('a'.repeat(100)));
  const broken = simdScan(bytesOf(`${'a'.repeat(50)}\n`));
  assert.equal(calm.skip(0), 100);
  assert.equal(broken.skip(0), 50);
  assert.equal(calm.skip(0), 100);
  assert.equal(broken.skip(10), 50);
});

test('Bytes that an earlier scan left behind the end are not looked at', () => {
  assert.equal(simdScan(bytesOf('\0'.repeat(200))).skip(0), 0);
  for (let length = 1; length < 130; length += 1)
    assert.equal(simdScan(bytesOf('a'.repeat(length))).skip(0), length);
});

/** Longer than what is copied at a time; the places where it is cut move through the lines. */
test('A chunk longer than the memory of the scan is read like its pieces', () => {
  for (const length of [61, 62, 63, 64, 65]) {
    const lines = `${'x'.repeat(length)}\r\n..${'y'.repeat(length)}\r\n`.repeat(800);
    const reader = new ContentReader();
    const read = reader.read(bytesOf(`${lines}.\r\nQUIT\r\n`));
    assert.equal(textOf(read.content), lines.replaceAll('..', '.'));
    assert.equal(read.isEnd, true);
    assert.equal(reader.fault, undefined);
  }
});

test('A fault far into a long chunk is found', () => {
  for (const [mark, fault] of [
    ['\n', 'bare-lf'],
    ['\r', 'bare-cr'],
    ['\0', 'nul'],
  ] as const) {
    for (const at of [32_751, 32_752, 32_767, 32_768, 32_769, 65_535, 65_536, 99_999]) {
      const reader = new ContentReader();
      reader.read(bytesOf(`${'a'.repeat(at)}${mark}${'b'.repeat(1_000)}`));
      assert.equal(reader.fault, fault, `${fault} at ${at}`);
    }
  }
});

test('Where there is no WebAssembly no scanner is made', () => {
  const whole = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
  assert.ok(whole);
  for (const value of [undefined, { validate: () => false }]) {
    Object.defineProperty(globalThis, 'WebAssembly', { value, configurable: true, writable: true });
    try {
      assert.equal(SimdScanner.create(), undefined);
    } finally {
      Object.defineProperty(globalThis, 'WebAssembly', whole);
    }
  }
});
