/**
 * The scan of `simd-text-scan.ts` as a WebAssembly module: it looks at 16 bytes in one step, which
 * JavaScript has no words for. Assembled here from its instructions; there is no other source of it.
 *
 * `scan(at, last)` answers the address of the first byte from `at` on that is NUL, CR without LF behind
 * it, LF without CR before it, or the LF of a line end that a dot follows; `last` or more when there is
 * none before. It writes dots at `last`, so that a line end there is stopped at. Every address is one
 * less than that of the byte it means: offsets of instructions cannot be negative, and the byte before
 * is looked at.
 */

const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;
const NO_RESULT = 0x40;

const LOOP = 0x03;
const IF = 0x04;
const END = 0x0b;
const BRANCH_IF = 0x0d;
const RETURN = 0x0f;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_LESS = 0x49;
const I32_CTZ = 0x68;
const I32_ADD = 0x6a;
const SIMD = 0xfd;
/** Behind `SIMD`. */
const V128_LOAD = 0x00;
const V128_STORE = 0x0b;
const I8X16_SPLAT = 0x0f;
const I8X16_EQUAL = 0x23;
const I8X16_AT_MOST = 0x2a;
const I8X16_LESSER = 0x77;
const V128_AND_NOT = 0x4f;
const V128_OR = 0x50;
const I8X16_BITMASK = 0x64;

/** Bytes need not lie at a multiple of anything. */
const UNALIGNED = 0;

/** Parameters, then locals. */
const AT = 0;
const LAST = 1;
const MASK = 2;
const BYTES = 3;
const AFTER = 4;
const CR = 5;
const LF = 6;
const DOT = 7;
const NUL = 8;

/** Bytes passed in one turn when none of them is 13 or less; in pieces of 16. */
const PIECES = [0, 16, 32, 48];
/** 64 as a signed LEB128. */
const SIXTY_FOUR = [0xc0, 0x00];

const SCAN_BODY = [
  [2, 1, I32, 6, V128], // (local $mask i32) (local $bytes $after $cr $lf $dot $nul v128)
  [LOCAL_GET, LAST],
  [I32_CONST, 0x2e, SIMD, I8X16_SPLAT, LOCAL_TEE, DOT],
  [SIMD, V128_STORE, UNALIGNED, 1],
  [I32_CONST, 0x0d, SIMD, I8X16_SPLAT, LOCAL_SET, CR],
  [I32_CONST, 0x0a, SIMD, I8X16_SPLAT, LOCAL_SET, LF],
  [LOOP, NO_RESULT],
  loadPiece(0),
  [...loadPiece(16), SIMD, I8X16_LESSER],
  [...loadPiece(32), SIMD, I8X16_LESSER],
  [...loadPiece(48), SIMD, I8X16_LESSER],
  [LOCAL_GET, CR, SIMD, I8X16_AT_MOST, SIMD, I8X16_BITMASK],
  [IF, NO_RESULT],
  ...PIECES.flatMap(stopWithin),
  [END],
  [LOCAL_GET, AT, I32_CONST, ...SIXTY_FOUR, I32_ADD, LOCAL_TEE, AT],
  [LOCAL_GET, LAST, I32_LESS, BRANCH_IF, 0], // while ($at < $last)
  [END],
  [LOCAL_GET, LAST],
  [END],
].flat();

function loadPiece(offset: number): readonly number[] {
  return [LOCAL_GET, AT, SIMD, V128_LOAD, UNALIGNED, offset + 1];
}

/** Returns from `scan` when one of these 16 bytes is to be stopped at. */
function stopWithin(offset: number): readonly (readonly number[])[] {
  return [
    [...loadPiece(offset), LOCAL_TEE, BYTES],
    [LOCAL_GET, CR, SIMD, I8X16_AT_MOST, SIMD, I8X16_BITMASK],
    [IF, NO_RESULT],
    [LOCAL_GET, AT, SIMD, V128_LOAD, UNALIGNED, offset + 2, LOCAL_SET, AFTER],
    // NUL ($nul was never set: it is zero)
    [LOCAL_GET, BYTES, LOCAL_GET, NUL, SIMD, I8X16_EQUAL],
    // or CR, and no LF behind it
    [LOCAL_GET, BYTES, LOCAL_GET, CR, SIMD, I8X16_EQUAL],
    [LOCAL_GET, AFTER, LOCAL_GET, LF, SIMD, I8X16_EQUAL, SIMD, V128_AND_NOT, SIMD, V128_OR],
    // or LF, and not a CR before it without a dot behind it
    [LOCAL_GET, BYTES, LOCAL_GET, LF, SIMD, I8X16_EQUAL],
    [LOCAL_GET, AT, SIMD, V128_LOAD, UNALIGNED, offset, LOCAL_GET, CR, SIMD, I8X16_EQUAL],
    [LOCAL_GET, AFTER, LOCAL_GET, DOT, SIMD, I8X16_EQUAL, SIMD, V128_AND_NOT],
    [SIMD, V128_AND_NOT, SIMD, V128_OR],
    [SIMD, I8X16_BITMASK, LOCAL_TEE, MASK],
    [IF, NO_RESULT],
    [LOCAL_GET, AT, LOCAL_GET, MASK, I32_CTZ, I32_ADD, I32_CONST, offset, I32_ADD, RETURN],
    [END],
    [END],
  ];
}

/** The module; it exports `memory`, of one page, and `scan`. It imports nothing. */
export function simdScanModule(): Uint8Array {
  return Uint8Array.from([
    ...[0x00, ...text('asm'), 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 2, I32, I32, 1, I32]), // (type (func (param i32 i32) (result i32)))
    ...section(3, [1, 0]), // (func (type 0))
    ...section(5, [1, 1, 1, 1]), // (memory 1 1)
    ...section(7, [2, ...sized(text('memory')), 2, 0, ...sized(text('scan')), 0, 0]),
    ...section(10, [1, ...sized(SCAN_BODY)]),
  ]);
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...sized(content)];
}

/** Bytes behind their number (LEB128, two bytes: enough for 16 383). */
function sized(content: readonly number[]): readonly number[] {
  return [(content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}

function text(ascii: string): readonly number[] {
  return Array.from(ascii, (character) => character.charCodeAt(0));
}
