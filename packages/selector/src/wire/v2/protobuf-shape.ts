/**
 * Decoded messages of the library in the shape gob values have, which the `decode…V2` functions read: fields
 * in UpperCamel, integers of 64 bits as numbers where they are safe, maps as `Map`.
 */
import type { GobStructType, GobType } from '@smtp-router/go-plugin/gob';

/** Brings one value into shape. */
export type Shaper = (value: unknown) => unknown;

/** Makes the shaper of a message the library decoded; for a field that is not set it has none either. */
export function messageShaper(type: GobStructType): Shaper {
  const fields = type.fields.map((field) => ({
    name: field.name,
    localName: field.name.charAt(0).toLowerCase() + field.name.slice(1),
    shape: shaperOf(field.type),
  }));
  return (message) => {
    const decoded: Readonly<Record<string, unknown>> = Object(message);
    const shaped: Record<string, unknown> = {};
    for (const { name, localName, shape } of fields) {
      const value = decoded[localName];
      if (value !== undefined) shaped[name] = shape(value);
    }
    return shaped;
  };
}

function shaperOf(type: GobType): Shaper {
  switch (type.kind) {
    case 'struct':
      return messageShaper(type);
    case 'slice':
      return type.element.kind === 'struct' ? listShaper(messageShaper(type.element)) : itself;
    case 'map':
      return (value) => new Map(Object.entries(Object(value)));
    case 'int':
    case 'uint':
      return asNumber;
    default:
      return itself;
  }
}

function listShaper(shape: Shaper): Shaper {
  return (value) => (Array.isArray(value) ? value.map(shape) : value);
}

/** A bigint beyond 2^53 stays one, and is refused as it is in gob. */
function asNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function itself(value: unknown): unknown {
  return value;
}
