import type { GobStructType, GobType } from './gob-type.ts';
import { containsItself } from './recursive-type.ts';

/** The zero value of a type of ours. */
export function zeroValue(type: GobType): unknown {
  switch (type.kind) {
    case 'bool':
      return false;
    case 'int':
    case 'uint':
    case 'float':
      return 0;
    case 'string':
      return '';
    case 'complex':
      return { real: 0, imaginary: 0 };
    case 'bytes':
    case 'opaque':
      return new Uint8Array(0);
    case 'interface':
      return null;
    case 'slice':
      return [];
    case 'map':
      return new Map();
    case 'array':
      return containsItself(type) ? null : Array.from({ length: type.length }, () => zeroValue(type.element));
    case 'struct':
      return containsItself(type) ? null : zeroStruct(type);
  }
}

function zeroStruct(type: GobStructType): unknown {
  const value: Record<string, unknown> = Object.create(null);
  for (const field of type.fields) value[field.name] = zeroValue(field.type);
  return value;
}
