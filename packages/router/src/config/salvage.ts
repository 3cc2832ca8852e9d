/**
 * What is left of a file with mistakes once the mistaken values are taken out, so that the steps after
 * the schema can look at the rest and all problems come at once. Never used to run a router.
 */
import { type ConfigDocument, configSchema } from './schema.ts';

/** Taking out one value may uncover that a needed one is now missing, which is then filled in. */
const ROUNDS = 4;

/** Stand-ins for needed keys; problems about them are dropped by the caller. */
const STAND_INS: Readonly<Record<string, string>> = { email: '?', addr: 'missing:1', address: 'missing:1' };

/** The document without its mistakes, or undefined when nothing sensible is left. */
export function salvageDocument(value: unknown): ConfigDocument | undefined {
  const rest: unknown = structuredClone(value);
  for (let round = 0; round < ROUNDS; round += 1) {
    const checked = configSchema.safeParse(rest);
    if (checked.success) return checked.data;
    for (const issue of checked.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
      if (unknown.length === 0) takeOut(rest, issue.path);
      for (const key of unknown) takeOut(rest, [...issue.path, key]);
    }
  }
  return undefined;
}

/** Removes the innermost key of a mapping on the path; a list goes as a whole, positions must not shift. */
function takeOut(root: unknown, path: readonly PropertyKey[]): void {
  const depth = path.findLastIndex((part) => typeof part === 'string');
  const key = path[depth];
  const holder = path.slice(0, depth).reduce<unknown>(memberOf, root);
  if (typeof key !== 'string' || typeof holder !== 'object' || holder === null) return;
  const standIn = STAND_INS[key];
  if (Object.hasOwn(holder, key) || standIn === undefined) Reflect.deleteProperty(holder, key);
  else Reflect.set(holder, key, standIn);
}

function memberOf(holder: unknown, key: PropertyKey): unknown {
  const isHolder = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
  return isHolder ? Reflect.get(holder, key) : undefined;
}
