/** encoding/gob for JavaScript: values to and from the wire format of Go. */
export { type FittedValue, ValueFitter } from './fit-value.ts';
export { GobConstant, GobNumbered } from './gob-constant.ts';
export { GobDecoder } from './gob-decoder.ts';
export { GobEncoder, type GobEncoderOptions } from './gob-encoder.ts';
export { DEFAULT_GOB_LIMITS, type GobLimits } from './gob-limits.ts';
export { GobRegistry } from './gob-registry.ts';
export type {
  GobArrayType,
  GobBasicType,
  GobField,
  GobMapType,
  GobOpaqueType,
  GobSliceType,
  GobStructType,
  GobType,
} from './gob-type.ts';
export { type GobComplex, type GobDecoded, GobInterfaceValue } from './gob-value.ts';
export {
  GOB_BOOL,
  GOB_BYTES,
  GOB_COMPLEX,
  GOB_EMPTY_STRUCT,
  GOB_FLOAT,
  GOB_INT,
  GOB_INTERFACE,
  GOB_STRING,
  GOB_UINT,
  type GobFieldTypes,
  gobArray,
  gobMap,
  gobOpaque,
  gobSlice,
  gobStruct,
} from './schema.ts';
export { zeroValue } from './zero-value.ts';
