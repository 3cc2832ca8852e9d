import { nextLineByte, scanView } from './line-scan.ts';
import type { TextScan } from './text-scan.ts';

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;

/** In plain JavaScript: for chunks of a few bytes, and where there is no WebAssembly. */
export class PlainTextScan implements TextScan {
  readonly #bytes: Uint8Array;
  /** Made when there is text to be skipped. */
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  skip(start: number): number {
    const bytes = this.#bytes;
    const view = this.#view ?? scanView(bytes);
    this.#view = view;
    let index = nextLineByte(bytes, view, start);
    while (index < bytes.length) {
      const byte = bytes[index];
      if (byte === CR && isPlainLineEnd(bytes, index)) index += 2;
      else if (byte === CR || byte === LF || byte === NUL) return index;
      else index += 1;
      index = nextLineByte(bytes, view, index);
    }
    return index;
  }
}

function isPlainLineEnd(bytes: Uint8Array, cr: number): boolean {
  return bytes[cr + 1] === LF && cr + 2 < bytes.length && bytes[cr + 2] !== DOT;
}
