/**
 * How gob values look in JavaScript.
 *
 * | gob | decoded | accepted for encoding |
 * |---|---|---|
 * | bool, string, float | boolean, string, number | the same |
 * | int, uint | number when safe, else bigint | either, integral and within 64 bits |
 * | complex | `GobComplex` | the same |
 * | bytes, opaque | `Uint8Array` of its own | `Uint8Array` |
 * | slice, array | array | array; null or undefined for an empty slice |
 * | map | `Map` | `Map`; null or undefined for Go's nil map |
 * | struct | object without prototype holding every field | any object; missing, null and undefined fields are zero |
 * | interface | null or `GobInterfaceValue` | the same |
 */
import type { GobType } from './gob-type.ts';

export interface GobComplex {
  readonly real: number;
  readonly imaginary: number;
}

/** What an `interface{}` holds: a value under the name its concrete Go type is registered by. */
export class GobInterfaceValue {
  /** For instance `string`, `[]int`, `main.Point`. */
  readonly name: string;
  readonly value: unknown;

  constructor(name: string, value: unknown) {
    this.name = name;
    this.value = value;
  }
}

/** A value off the wire and the type its sender described it by. */
export interface GobDecoded {
  readonly type: GobType;
  readonly value: unknown;
}
