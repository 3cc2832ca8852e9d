import type { Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { ranked } from './ranked.ts';
import { routeThrough } from './reply-forms.ts';
import { SeededRandom } from './seeded-random.ts';

/**
 * Strategy `least-busy`: fewest open mail transactions first, healthy downstreams before all others.
 * Equal ones are drawn, so that an idle router does not always begin with the same.
 */
export class LeastBusy implements Selector {
  select(request: SelectRequest): SelectReply {
    const random = new SeededRandom(request.seed);
    const order = ranked(request.downstreams, ({ inFlight }) => inFlight + random.next());
    return routeThrough(order, `least busy (${order[0]?.inFlight ?? 0} in flight)`);
  }
}
