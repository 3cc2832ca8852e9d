/** The kit (interop/internal/conformance) in our own terms: what its methods take and answer. */
import {
  GOB_BOOL,
  GOB_BYTES,
  GOB_COMPLEX,
  GOB_FLOAT,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  GOB_UINT,
  GobRegistry,
  type GobType,
  gobArray,
  gobMap,
  gobOpaque,
  gobSlice,
  gobStruct,
} from '@smtp-router/go-plugin/gob';

export const HANDSHAKE = { magicCookieKey: 'CONFORMANCE_PLUGIN', magicCookieValue: 'yes' };

export const PLUGIN_NAME = 'kit';

export const INNER = gobStruct('Inner', { A: GOB_INT, B: GOB_STRING });

/** Go's time.Time: an encoding of its own. */
export const TIME = gobOpaque('Time', 'gob');

export const EVERYTHING = gobStruct('Everything', (self) => ({
  Truth: GOB_BOOL,
  Small: GOB_INT,
  Large: GOB_INT,
  Count: GOB_UINT,
  Ratio: GOB_FLOAT,
  Wave: GOB_COMPLEX,
  Text: GOB_STRING,
  Data: GOB_BYTES,
  Texts: gobSlice(GOB_STRING),
  List: gobSlice(INNER),
  Table: gobMap(GOB_STRING, INNER),
  Numbers: gobMap(GOB_INT, GOB_STRING),
  Triple: gobArray(GOB_INT, 3),
  Pointer: INNER,
  Next: self,
  When: TIME,
}));

export const OUTPUT = gobStruct('Output', { Stream: GOB_STRING, Text: GOB_STRING, Count: GOB_INT });

export const RECORD = gobStruct('Record', { Level: GOB_STRING, Message: GOB_STRING });

/** What an interface may hold, under the names Go registers it by. */
export const REGISTRY = new GobRegistry([
  ['kit.Inner', INNER],
  ['map[string]interface {}', gobMap(GOB_STRING, GOB_INTERFACE)],
  ['[]interface {}', gobSlice(GOB_INTERFACE)],
]);

/** Argument and reply of each method. */
export const METHODS = {
  Version: [GOB_BOOL, GOB_INT],
  Pid: [GOB_BOOL, GOB_INT],
  Next: [GOB_BOOL, GOB_INT],
  Text: [GOB_STRING, GOB_STRING],
  Bytes: [GOB_BYTES, GOB_BYTES],
  Integer: [GOB_INT, GOB_INT],
  Unsigned: [GOB_UINT, GOB_UINT],
  Everything: [EVERYTHING, EVERYTHING],
  Describe: [EVERYTHING, GOB_STRING],
  Any: [GOB_INTERFACE, GOB_INTERFACE],
  Stranger: [GOB_BOOL, GOB_INTERFACE],
  Moment: [TIME, TIME],
  Fail: [GOB_STRING, GOB_STRING],
  Sleep: [GOB_INT, GOB_INT],
  Panic: [GOB_STRING, GOB_STRING],
  Die: [GOB_BOOL, GOB_STRING],
  Environment: [GOB_BOOL, gobSlice(GOB_STRING)],
  Print: [GOB_STRING, GOB_BOOL],
  Write: [OUTPUT, GOB_BOOL],
  Log: [RECORD, GOB_BOOL],
  CallBack: [GOB_UINT, GOB_STRING],
  Offer: [GOB_BOOL, GOB_UINT],
} satisfies Readonly<Record<string, readonly [GobType, GobType]>>;

export type KitMethod = keyof typeof METHODS;

/** Bytes of a time.Time: `[version 1][seconds since year 1, i64][nanoseconds, i32][zone in minutes, i16; -1 is UTC]`. */
export function encodeTime(milliseconds: number): Uint8Array {
  const bytes = Buffer.alloc(15);
  bytes.writeUInt8(1, 0);
  bytes.writeBigInt64BE(BigInt(Math.floor(milliseconds / 1000)) + SECONDS_BEFORE_1970, 1);
  bytes.writeInt32BE((((milliseconds % 1000) + 1000) % 1000) * 1_000_000, 9);
  bytes.writeInt16BE(-1, 13);
  return new Uint8Array(bytes);
}

/** Milliseconds since 1970 of a time.Time. */
export function decodeTime(encoded: Uint8Array): number {
  const bytes = Buffer.from(encoded);
  const seconds = bytes.readBigInt64BE(1) - SECONDS_BEFORE_1970;
  return Number(seconds) * 1000 + bytes.readInt32BE(9) / 1_000_000;
}

const SECONDS_BEFORE_1970 = 62_135_596_800n;
