import type { DownstreamState, DownstreamView } from '@smtp-router/selector/contract';

/** Lower is tried first. An unknown state counts as good: nothing bad was seen yet. */
const RANK: Readonly<Record<DownstreamState, number>> = {
  up: 0,
  unspecified: 0,
  probing: 1,
  throttled: 2,
  down: 3,
  disabled: 4,
};

/** How far back the state of a downstream puts it: 0 = first. */
export function healthRank(downstream: DownstreamView): number {
  return RANK[downstream.state];
}

/**
 * Answers the downstreams that may be tried, healthy ones first, otherwise in the order given.
 * Disabled ones are left out; the answer is empty when there is no other.
 */
export function byHealth(downstreams: readonly DownstreamView[]): readonly DownstreamView[] {
  return downstreams
    .filter((downstream) => downstream.state !== 'disabled')
    .toSorted((one, other) => healthRank(one) - healthRank(other));
}
