import type { DownstreamView, Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { ranked } from './ranked.ts';
import { routeThrough } from './reply-forms.ts';
import { SeededRandom } from './seeded-random.ts';

/** One message in this many goes to a drawn downstream: a slow one gets the chance to be fast again. */
const EXPLORE_ONE_IN = 50;

/**
 * Strategy `lowest-latency`: the downstream whose transactions were answered fastest, healthy ones
 * first. One never measured comes before all measured ones.
 */
export class LowestLatency implements Selector {
  select(request: SelectRequest): SelectReply {
    const random = new SeededRandom(request.seed);
    if (random.next() < 1 / EXPLORE_ONE_IN) {
      const order = ranked(request.downstreams, () => random.next());
      return routeThrough(order, 'random order, to measure anew');
    }
    const order = ranked(request.downstreams, latency);
    return routeThrough(order, describe(order[0]));
  }
}

function latency(downstream: DownstreamView): number {
  return downstream.hasLatency ? downstream.latencyMs : -1;
}

function describe(first: DownstreamView | undefined): string {
  return first?.hasLatency === true
    ? `lowest latency (${Math.round(first.latencyMs)} ms)`
    : 'lowest latency (first not measured yet)';
}
