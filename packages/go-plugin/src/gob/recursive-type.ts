import type { GobType } from './gob-type.ts';

/**
 * True for a struct or array whose value would hold another value of the same type directly: in Go
 * there is a pointer in between, so its zero value is nil.
 */
export function containsItself(type: GobType): boolean {
  const seen = new Set<GobType>();
  const waiting = partsOf(type);
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === type) return true;
    if (seen.has(part)) continue;
    seen.add(part);
    waiting.push(...partsOf(part));
  }
  return false;
}

/** The types whose zero values a zero value of `type` holds. */
function partsOf(type: GobType): GobType[] {
  if (type.kind === 'array') return [type.element];
  return type.kind === 'struct' ? type.fields.map((field) => field.type) : [];
}
