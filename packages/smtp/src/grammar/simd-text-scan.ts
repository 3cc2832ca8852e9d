/**
 * The scan by WebAssembly, whose instructions take 16 bytes at a time. The bytes are copied into its
 * memory first, which costs a tenth of the scan. See docs/decisions/0012-scan-by-webassembly.md.
 */
import { simdScanModule } from './simd-scan-module.ts';
import type { TextScan } from './text-scan.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Bytes lie behind some that stay zero, so that no CR stands before the first. */
const BASE = 16;
/** What is copied at a time: half of the memory, and what caches hold well. */
const WINDOW_BYTES = 32_768;

/** As much of WebAssembly as is used; absent where nothing is compiled (`node --jitless`). */
declare const WebAssembly:
  | undefined
  | {
      readonly validate: (module: Uint8Array) => boolean;
      readonly Module: new (module: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: ScanExports };
    };

/** What `simdScanModule` exports. */
interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly scan: (at: number, last: number) => number;
}

/** The module at work. It scans for one chunk at a time, and remembers for which. */
export class SimdScanner {
  readonly #memory: Uint8Array;
  readonly #scan: ScanExports['scan'];
  #holder: SimdTextScan | undefined;

  private constructor({ memory, scan }: ScanExports) {
    this.#memory = new Uint8Array(memory.buffer);
    this.#scan = scan;
  }

  /** Undefined where there is no WebAssembly, none with SIMD, or no memory for it. */
  static create(): SimdScanner | undefined {
    if (typeof WebAssembly === 'undefined') return undefined;
    try {
      const bytes = simdScanModule();
      if (!WebAssembly.validate(bytes)) return undefined;
      return new SimdScanner(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
    } catch {
      return undefined;
    }
  }

  /** True while the memory holds what this scan put there last. */
  holds(scan: SimdTextScan): boolean {
    return this.#holder === scan;
  }

  /** Copies bytes, not more than `WINDOW_BYTES`, in place of all others. */
  load(scan: SimdTextScan, bytes: Uint8Array): void {
    this.#holder = scan;
    this.#memory.set(bytes, BASE);
  }

  /** Positions within the loaded bytes; what is answered may lie behind `end`. */
  scan(start: number, end: number): number {
    return this.#scan(start + BASE - 1, end + BASE - 1) - BASE + 1;
  }
}

/** Compiled once for the process, in a fraction of a millisecond. */
export const SIMD_SCANNER: SimdScanner | undefined = SimdScanner.create();

export class SimdTextScan implements TextScan {
  readonly #scanner: SimdScanner;
  readonly #bytes: Uint8Array;
  /** The window of the chunk that the scanner holds for this scan. */
  #from = 0;
  #to = 0;

  constructor(scanner: SimdScanner, bytes: Uint8Array) {
    this.#scanner = scanner;
    this.#bytes = bytes;
  }

  skip(start: number): number {
    const bytes = this.#bytes;
    let index = start;
    while (index < bytes.length) {
      if (index >= this.#to || !this.#scanner.holds(this)) this.#load(index);
      const end = this.#to - this.#from;
      const stop = this.#scanner.scan(index - this.#from, end);
      if (stop < end) return this.#positionOf(this.#from + stop, start);
      index = this.#to;
    }
    return index;
  }

  #load(from: number): void {
    const bytes = this.#bytes;
    this.#from = from;
    this.#to = Math.min(bytes.length, from + WINDOW_BYTES);
    const isWhole = from === 0 && this.#to === bytes.length;
    this.#scanner.load(this, isWhole ? bytes : bytes.subarray(from, this.#to));
  }

  /** A line end is stopped at its CR, unless that one was read before. */
  #positionOf(stop: number, start: number): number {
    const isLineEnd = this.#bytes[stop] === LF && stop > start && this.#bytes[stop - 1] === CR;
    return isLineEnd ? stop - 1 : stop;
  }
}
