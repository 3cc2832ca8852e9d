import type { Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { ranked } from './ranked.ts';
import { routeThrough } from './reply-forms.ts';
import { SeededRandom } from './seeded-random.ts';

/** Strategy `random`: any order, healthy downstreams first; keeps no state. */
export class RandomOrder implements Selector {
  select(request: SelectRequest): SelectReply {
    const random = new SeededRandom(request.seed);
    return routeThrough(
      ranked(request.downstreams, () => random.next()),
      'random order',
    );
  }
}
