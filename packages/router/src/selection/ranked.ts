import type { DownstreamView } from '@smtp-router/selector/contract';
import { byHealth, healthRank } from './by-health.ts';

/** Healthy downstreams first; within the same health the lower score first, then the order given. */
export function ranked(
  downstreams: readonly DownstreamView[],
  score: (downstream: DownstreamView) => number,
): readonly DownstreamView[] {
  const scored = byHealth(downstreams).map((downstream) => ({ downstream, score: score(downstream) }));
  return scored
    .toSorted(
      (one, other) => healthRank(one.downstream) - healthRank(other.downstream) || one.score - other.score,
    )
    .map(({ downstream }) => downstream);
}
