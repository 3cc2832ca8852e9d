import type { Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { ranked } from './ranked.ts';
import { routeThrough } from './reply-forms.ts';
import { SeededRandom } from './seeded-random.ts';

/**
 * Strategy `weighted`: a draw without replacement in which each downstream's chance to come next is
 * its share of the weight still in the urn; weight 0 comes last. Healthy downstreams first.
 */
export class Weighted implements Selector {
  select(request: SelectRequest): SelectReply {
    const random = new SeededRandom(request.seed);
    const order = ranked(request.downstreams, ({ weight }) => arrival(weight, random.next()));
    return routeThrough(order, 'random order by weight');
  }
}

/** Arrival time of a Poisson process of that rate: the smallest of several is a weighted draw. */
function arrival(weight: number, uniform: number): number {
  return weight > 0 ? -Math.log(1 - uniform) / weight : Number.MAX_VALUE;
}
