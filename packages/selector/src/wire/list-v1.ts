/** The request of generation 1 as a plugin receives it. */
import { type DownstreamView, viewWith } from '../contract/index.ts';
import type { DownstreamV1 } from './downstream-v1.ts';

/**
 * Reads the argument of `Plugin.Select`. Throws `TypeError` when it is no list of downstreams, which
 * the host gets as the error of its call; the codec has checked the field types before.
 */
export function parseDownstreamListV1(argument: unknown): readonly DownstreamV1[] {
  if (!Array.isArray(argument)) throw new TypeError('Select wants a list of downstreams.');
  return argument.map((entry: unknown) => {
    const { Addr, User, Pass } = entry as Partial<Record<keyof DownstreamV1, unknown>>;
    if (typeof Addr !== 'string' || typeof User !== 'string' || typeof Pass !== 'string') {
      throw new TypeError('Select wants downstreams with Addr, User and Pass.');
    }
    return { Addr, User, Pass };
  });
}

/**
 * Answers one view per entry, same order, without the passwords. Ids are made unique: the address,
 * `user@address` where an address stands twice, and a number behind that where even this repeats.
 */
export function viewsOfV1(list: readonly DownstreamV1[]): readonly DownstreamView[] {
  const byAddr = Map.groupBy(list, (entry) => entry.Addr);
  const taken = new Set<string>();
  return list.map((entry) => {
    const isAlone = byAddr.get(entry.Addr)?.length === 1;
    const id = unused(isAlone ? entry.Addr : `${entry.User}@${entry.Addr}`, taken);
    taken.add(id);
    return viewWith({ id, addr: entry.Addr, user: entry.User });
  });
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}#${number}`;
  return candidate;
}
