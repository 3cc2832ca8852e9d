/**
 * Fits a received value to the type a receiver wants, by Go's rules of compatibility (encoding/gob doc.go,
 * "Types and Values"; decode.go, compatibleType): struct fields match by name, unknown ones are dropped,
 * missing ones are zero; kinds must be the same; names of types do not matter.
 */
import type { GobStructType, GobType } from './gob-type.ts';
import type { GobDecoded } from './gob-value.ts';
import { findMismatch, haveSameFields } from './match-type.ts';
import { zeroValue } from './zero-value.ts';

export type FittedValue =
  | { readonly kind: 'fits'; readonly value: unknown }
  /** `text` is worded as Go's own error. */
  | { readonly kind: 'mismatch'; readonly text: string };

/** What is to be done with every value of one type for another. */
type Plan =
  /** The types agree down to the last field: values stay as they are. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'convert' }
  | { readonly kind: 'mismatch'; readonly text: string };

/** Fits values, comparing each pair of types once; for the values of one stream. */
export class ValueFitter {
  readonly #plans = new Map<GobType, Map<GobType, Plan>>();

  fit(received: GobDecoded, wanted: GobType): FittedValue {
    const plan = this.#planFor(received.type, wanted);
    if (plan.kind === 'mismatch') return plan;
    const { value, type } = received;
    return { kind: 'fits', value: plan.kind === 'keep' ? value : convert(value, type, wanted) };
  }

  #planFor(received: GobType, wanted: GobType): Plan {
    const known = this.#plans.get(received)?.get(wanted);
    if (known !== undefined) return known;
    const plan = makePlan(received, wanted);
    const plans = this.#plans.get(received) ?? new Map<GobType, Plan>();
    this.#plans.set(received, plans.set(wanted, plan));
    return plan;
  }
}

function makePlan(received: GobType, wanted: GobType): Plan {
  const text = findMismatch(received, wanted);
  if (text !== undefined) return { kind: 'mismatch', text };
  return { kind: haveSameFields(received, wanted) ? 'keep' : 'convert' };
}

/** The value in the shape of `wanted`; the types were found to match. */
function convert(value: unknown, received: GobType, wanted: GobType): unknown {
  if (received.kind === 'struct' && wanted.kind === 'struct') return convertStruct(value, received, wanted);
  if (
    (received.kind === 'slice' && wanted.kind === 'slice') ||
    (received.kind === 'array' && wanted.kind === 'array')
  ) {
    if (!Array.isArray(value)) return value;
    return value.map((element) => convert(element, received.element, wanted.element));
  }
  if (received.kind === 'map' && wanted.kind === 'map' && value instanceof Map) {
    const entries = new Map<unknown, unknown>();
    for (const [key, element] of value) {
      entries.set(convert(key, received.key, wanted.key), convert(element, received.element, wanted.element));
    }
    return entries;
  }
  return value;
}

function convertStruct(value: unknown, received: GobStructType, wanted: GobStructType): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const source: Readonly<Record<string, unknown>> = Object(value);
  const fitted: Record<string, unknown> = Object.create(null);
  for (const field of wanted.fields) {
    const sent = received.fields.find((candidate) => candidate.name === field.name);
    fitted[field.name] =
      sent === undefined ? zeroValue(field.type) : convert(source[field.name], sent.type, field.type);
  }
  return fitted;
}
