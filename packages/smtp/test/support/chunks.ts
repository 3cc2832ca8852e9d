/** Ways to cut the same bytes: what an engine does must not depend on them. */
import fc from 'fast-check';

/** How often a property is tried: FUZZ_RUNS of the environment, else the usual number, which keeps tests quick. */
export function fuzzRuns(usual = 200): number {
  return Number(process.env['FUZZ_RUNS'] ?? usual);
}

/** One character of latin1 a byte. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

export function byteByByte(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

export function lineByLine(bytes: Uint8Array): readonly Uint8Array[] {
  return textOf(bytes)
    .split(/(?<=\n)/)
    .map(bytesOf);
}

/** The bytes cut in two, at every place. */
export function* everySplit(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** The bytes cut in three, at every two places. */
export function* everyDoubleSplit(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 1) {
      yield [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
    }
  }
}

/** Cuts by a list of sizes, used again and again. */
export function cutBy(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** Sizes for `cutBy`: small ones mostly. */
export const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
