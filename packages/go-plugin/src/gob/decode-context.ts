import type { GobLimits } from './gob-limits.ts';
import type { GobReader } from './gob-reader.ts';
import { overLimit } from './received-types.ts';

/** Reads the values of one type. */
export interface ValueReader {
  readonly isStruct: boolean;
  read(context: DecodeContext, depth: number): unknown;
  /** What stands for a field that was omitted. */
  zero(context: DecodeContext, depth: number): unknown;
}

/** Reads what precedes the value inside an interface: definitions, type id, length. */
export type ReadInterfaceType = () => ValueReader;

/** What the readers of one value share: the bytes, and how much the value may still grow. */
export class DecodeContext {
  readonly input: GobReader;
  readonly readInterfaceType: ReadInterfaceType;
  readonly #limits: GobLimits;
  #valuesLeft = 0;

  constructor(input: GobReader, limits: GobLimits, readInterfaceType: ReadInterfaceType) {
    this.input = input;
    this.#limits = limits;
    this.readInterfaceType = readInterfaceType;
  }

  /** To be called before each value. */
  restart(): void {
    this.#valuesLeft = this.#limits.maxValues;
  }

  /** Accounts for `values` about to be made at nesting level `depth`. Throws `GOB_LIMIT`. */
  spend(values: number, depth: number): void {
    if (depth > this.#limits.maxDepth) throw overLimit('levels of nesting', this.#limits.maxDepth);
    this.#valuesLeft -= values;
    if (this.#valuesLeft < 0) throw overLimit('values', this.#limits.maxValues);
  }

  /**
   * Reads how many parts follow, at nesting level `depth`. Only `maxValues` bounds it: the parts may lie in
   * messages that are still to come. No memory is taken for a part before its first byte was read.
   */
  parts(depth: number): number {
    const count = this.input.unsigned();
    if (typeof count === 'bigint') throw overLimit('values', this.#limits.maxValues);
    this.spend(count + 1, depth);
    return count;
  }
}
