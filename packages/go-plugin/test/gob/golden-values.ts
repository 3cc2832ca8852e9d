/** The values of the gob fixtures and the types they are encoded by, under the fixtures' names. */

import { GobRegistry } from '../../src/gob/gob-registry.ts';
import type { GobSliceType, GobStructType, GobType } from '../../src/gob/gob-type.ts';
import { GobInterfaceValue } from '../../src/gob/gob-value.ts';
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_COMPLEX,
  GOB_EMPTY_STRUCT,
  GOB_FLOAT,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  GOB_UINT,
  gobArray,
  gobMap,
  gobOpaque,
  gobSlice,
  gobStruct,
} from '../../src/gob/schema.ts';

export interface GoldenValues {
  readonly type: GobType;
  readonly values: readonly unknown[];
  /** What decoding gives where it is not `values`: omitted fields filled in. */
  readonly decoded?: readonly unknown[];
  readonly registry?: GobRegistry;
}

const bytes = (...values: number[]) => new Uint8Array(values);
const any = (name: string, value: unknown) => new GobInterfaceValue(name, value);
const anyMap = (entries: readonly (readonly [string, unknown])[]) =>
  any('map[string]interface {}', new Map(entries));
const anyList = (...values: unknown[]) => any('[]interface {}', values);

const ANY_MAP = gobMap(GOB_STRING, GOB_INTERFACE);
const ANY_LIST = gobSlice(GOB_INTERFACE);
const REC = gobStruct('Rec', (self) => ({ V: GOB_INT, Next: self }));
const POINT = gobStruct('Point', { X: GOB_INT, Y: GOB_INT });
const UNNAMED_POINT = gobStruct('', { X: GOB_INT, Y: GOB_INT });
const BOX = gobStruct('Box', { Value: GOB_INTERFACE });
const DEEP = gobStruct('Deep', { Left: GOB_INTERFACE, Right: GOB_INTERFACE });
const REGISTRY = new GobRegistry([
  ['main.Point', POINT],
  ['main.Box', BOX],
  ['map[string]interface {}', ANY_MAP],
  ['[]interface {}', ANY_LIST],
]);

const INNER = gobStruct('Inner', { A: GOB_INT, B: GOB_STRING });
const OUTER = gobStruct('Outer', {
  Flag: GOB_BOOL,
  Inner: INNER,
  Pointer: INNER,
  List: gobSlice(INNER, '[]main.Inner'),
  Named: gobMap(GOB_STRING, INNER, 'map[string]main.Inner'),
  Fixed: gobArray(GOB_INT, 3, '[3]int'),
  Raw: GOB_BYTES,
  Any: GOB_INTERFACE,
  Ratio: GOB_FLOAT,
  Count: GOB_UINT,
  Z: GOB_COMPLEX,
  Texts: gobSlice(GOB_STRING, '[]string'),
});
const NAMES = gobStruct('Names', {
  Plain: gobMap(GOB_STRING, GOB_INT, 'map[string]int'),
  Twice: gobMap(GOB_STRING, gobSlice(GOB_STRING), 'map[string][]string'),
  Pair: gobArray(GOB_STRING, 2, '[2]string'),
  Rows: gobSlice(gobSlice(GOB_INT), '[][]int'),
});
const TREE = gobStruct('Tree', (self) => ({
  Value: GOB_INT,
  Children: gobSlice(self, '[]main.Tree'),
  Index: gobMap(GOB_STRING, self, 'map[string]main.Tree'),
}));
const A: GobStructType = gobStruct('A', (self) => ({
  Name: GOB_STRING,
  Bs: gobSlice(gobStruct('B', { Number: GOB_INT, As: gobSlice(self, '[]main.A') }), '[]main.B'),
}));
const STAMP = gobStruct('Stamp', { At: gobOpaque('Time', 'gob'), Sum: gobOpaque('Int', 'gob') });

/** `type Self []Self`. */
function selfSlice(): GobSliceType {
  const type: { kind: 'slice'; name: string; element: GobType } = {
    kind: 'slice',
    name: 'Self',
    element: GOB_INT,
  };
  type.element = type;
  return type;
}

export const GOLDEN_VALUES: Readonly<Record<string, GoldenValues>> = {
  bool: { type: GOB_BOOL, values: [true, false] },
  int: { type: GOB_INT, values: [1, -1, 64, -129, 2 ** 40] },
  uint: { type: GOB_UINT, values: [127, 128, 256, 2n ** 63n] },
  float: { type: GOB_FLOAT, values: [0, 1, 17, -0.5] },
  string: { type: GOB_STRING, values: ['', 'hi'] },
  bytes: { type: GOB_BYTES, values: [bytes(1, 2, 3)] },
  'empty struct': { type: GOB_EMPTY_STRUCT, values: [{}, {}] },
  'slice of string': { type: gobSlice(GOB_STRING), values: [[], ['a', '']] },
  'map of string to int': { type: gobMap(GOB_STRING, GOB_INT), values: [new Map(), new Map([['a', 0]])] },
  interface: { type: GOB_INTERFACE, values: [any('string', 'x'), null] },
  'interface holding a map, cut in two': {
    type: GOB_INTERFACE,
    values: [anyMap([['a', any('int', 1)]])],
    registry: REGISTRY,
  },
  'recursive struct': {
    type: REC,
    values: [{ V: 1, Next: { V: 2 } }],
    decoded: [{ V: 1, Next: { V: 2, Next: null } }],
  },

  'int limits': {
    type: GOB_INT,
    values: [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n), 2 ** 53 - 1, 2 ** 31, -(2 ** 31)],
  },
  'uint limits': {
    type: GOB_UINT,
    values: [2n ** 64n - 1n, 2n ** 53n, 2 ** 53 - 1, 2 ** 48, 2 ** 32, 65_535, 65_536],
  },
  'float kinds': {
    type: GOB_FLOAT,
    values: [Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, Math.PI, -0, 0.1, 100],
  },
  complex: {
    type: GOB_COMPLEX,
    values: [
      { real: 0, imaginary: 0 },
      { real: 1, imaginary: -2 },
      { real: 0.5, imaginary: Math.PI },
    ],
  },
  text: {
    type: GOB_STRING,
    values: [
      'grüße, 世界 🌍',
      '\0\x7f',
      'a longer text of plain letters that takes more than sixty-four bytes in all, as can be seen',
    ],
  },
  'any bytes': { type: GOB_BYTES, values: [bytes(), bytes(0, 255, 128)] },
  'array of int': {
    type: gobArray(GOB_INT, 3),
    values: [
      [1, 0, -1],
      [0, 0, 0],
    ],
  },
  'array of arrays': {
    type: gobArray(gobArray(GOB_STRING, 2), 2),
    values: [
      [
        ['a', ''],
        ['', 'd'],
      ],
    ],
  },
  'empty array': { type: gobArray(GOB_INT, 0), values: [[]] },
  'slice of slices': { type: gobSlice(gobSlice(GOB_INT)), values: [[[1, 2], [], [3]]] },
  'slice of bytes': { type: gobSlice(GOB_BYTES), values: [[bytes(1), bytes()]] },
  'map with int keys': { type: gobMap(GOB_INT, GOB_STRING), values: [new Map([[7, 'seven']]), new Map()] },
  'map of maps': {
    type: gobMap(GOB_STRING, gobMap(GOB_STRING, GOB_INT)),
    values: [new Map([['a', new Map([['b', 1]])]])],
  },
  'map with struct keys': {
    type: gobMap(UNNAMED_POINT, GOB_BOOL),
    values: [new Map([[{ X: 1, Y: 2 }, true]])],
  },
  'named map': { type: gobMap(GOB_INT, GOB_STRING, 'Mine'), values: [new Map([[1, 'x']])] },
  'named slice': { type: gobSlice(GOB_STRING, 'Words'), values: [['x', 'y']] },
  'struct of every kind': {
    type: OUTER,
    values: [
      {
        Flag: true,
        Inner: { A: 1, B: 'one' },
        Pointer: { A: 2, B: 'two' },
        List: [{ A: 3, B: '' }, {}],
        Named: new Map([['k', { A: 4, B: 'four' }]]),
        Fixed: [1, 2, 3],
        Raw: bytes(9),
        Any: any('string', 'text'),
        Ratio: 1.5,
        Count: 7,
        Z: { real: 1, imaginary: 2 },
        Texts: ['t', ''],
      },
      { Inner: {}, Fixed: [0, 0, 0] },
    ],
    decoded: [
      {
        Flag: true,
        Inner: { A: 1, B: 'one' },
        Pointer: { A: 2, B: 'two' },
        List: [
          { A: 3, B: '' },
          { A: 0, B: '' },
        ],
        Named: new Map([['k', { A: 4, B: 'four' }]]),
        Fixed: [1, 2, 3],
        Raw: bytes(9),
        Any: any('string', 'text'),
        Ratio: 1.5,
        Count: 7,
        Z: { real: 1, imaginary: 2 },
        Texts: ['t', ''],
      },
      {
        Flag: false,
        Inner: { A: 0, B: '' },
        Pointer: { A: 0, B: '' },
        List: [],
        Named: new Map(),
        Fixed: [0, 0, 0],
        Raw: bytes(),
        Any: null,
        Ratio: 0,
        Count: 0,
        Z: { real: 0, imaginary: 0 },
        Texts: [],
      },
    ],
  },
  'struct of containers': {
    type: NAMES,
    values: [
      { Plain: new Map(), Twice: new Map([['k', ['v']]]), Pair: ['p', 'q'], Rows: [[1]] },
      { Pair: ['', ''] },
    ],
    decoded: [
      { Plain: new Map(), Twice: new Map([['k', ['v']]]), Pair: ['p', 'q'], Rows: [[1]] },
      { Plain: new Map(), Twice: new Map(), Pair: ['', ''], Rows: [] },
    ],
  },
  tree: {
    type: TREE,
    values: [{ Value: 1, Children: [{ Value: 2 }], Index: new Map([['x', { Value: 3 }]]) }],
    decoded: [
      {
        Value: 1,
        Children: [{ Value: 2, Children: [], Index: new Map() }],
        Index: new Map([['x', { Value: 3, Children: [], Index: new Map() }]]),
      },
    ],
  },
  'mutually recursive': {
    type: A,
    values: [{ Name: 'a', Bs: [{ Number: 1, As: [{ Name: 'b' }] }] }],
    decoded: [{ Name: 'a', Bs: [{ Number: 1, As: [{ Name: 'b', Bs: [] }] }] }],
  },
  'slice of itself': { type: selfSlice(), values: [[[], [[]]]] },
  'self-encoding': {
    type: STAMP,
    values: [
      { At: bytes(1, 0, 0, 0, 0x0e, 0x77, 0x91, 0xf7, 1, 0, 0, 0, 0, 0xff, 0xff), Sum: bytes(3, 1, 0x2c) },
      { Sum: bytes(2) },
    ],
    decoded: [
      { At: bytes(1, 0, 0, 0, 0x0e, 0x77, 0x91, 0xf7, 1, 0, 0, 0, 0, 0xff, 0xff), Sum: bytes(3, 1, 0x2c) },
      { At: bytes(), Sum: bytes(2) },
    ],
  },
  time: {
    type: gobOpaque('Time', 'gob'),
    values: [bytes(1, 0, 0, 0, 0x0e, 0xdc, 0xe5, 0xe8, 0, 0, 0, 0, 5, 0, 0x3c)],
  },
  'interface of basic kinds': {
    type: BOX,
    registry: REGISTRY,
    values: [
      { Value: any('int', 1) },
      { Value: any('float64', -1.5) },
      { Value: any('bool', true) },
      { Value: any('string', 's') },
      { Value: any('[]uint8', bytes(1)) },
      { Value: any('uint8', 200) },
      { Value: any('[]string', ['a']) },
      { Value: any('[]string', ['b']) },
      { Value: null },
      { Value: any('complex64', { real: 1, imaginary: 0 }) },
    ],
  },
  'interface of a struct': {
    type: BOX,
    registry: REGISTRY,
    values: [{ Value: any('main.Point', { X: 1, Y: 2 }) }, { Value: any('main.Point', { X: 3, Y: 0 }) }],
  },
  'interface of interfaces': {
    type: BOX,
    registry: REGISTRY,
    values: [
      {
        Value: any('main.Box', { Value: any('main.Box', { Value: any('main.Point', { X: 1, Y: 2 }) }) }),
      },
      { Value: any('main.Box', { Value: any('main.Point', { X: 5, Y: 6 }) }) },
    ],
  },
  'new types in nested interfaces': {
    type: DEEP,
    registry: REGISTRY,
    values: [
      {
        Left: any('main.Box', { Value: any('main.Point', { X: 1, Y: 2 }) }),
        Right: anyList(any('int', 1), any('string', 'x'), anyMap([['k', any('main.Point', { X: 3, Y: 4 })]])),
      },
      { Left: null, Right: anyList() },
    ],
  },
  'list of any': {
    type: ANY_LIST,
    registry: REGISTRY,
    values: [
      [
        any('main.Point', { X: 1, Y: 1 }),
        anyList(any('main.Box', { Value: any('[]int', [1, 2]) })),
        null,
        any('[]bool', [true]),
      ],
    ],
  },
  'map of any': {
    type: ANY_MAP,
    registry: REGISTRY,
    values: [new Map([['a', anyList(anyMap([['b', any('[]float64', [1])]]))]])],
  },
};
