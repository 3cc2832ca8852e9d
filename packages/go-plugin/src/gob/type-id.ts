import type { GobBasicType } from './gob-type.ts';

/** Ids of the built-in types (encoding/gob type.go). */
export const BASIC_TYPE_IDS = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const satisfies Readonly<Record<GobBasicType['kind'], number>>;

/** Lowest id a stream may define; lower ones belong to gob itself (encoding/gob type.go, firstUserId). */
export const FIRST_USER_TYPE_ID = 64;

/** Greatest id accepted: Go's typeId is an int32. */
export const MAX_TYPE_ID = 0x7fff_ffff;

/** Where our numbering starts, as in a Go process (before Go 1.20 the first was 65, now 64). */
export const DEFAULT_FIRST_TYPE_ID = 65;
