import type { DownstreamView, Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { byHealth, healthRank } from './by-health.ts';
import { routeThrough } from './reply-forms.ts';

/**
 * Strategy `round-robin`: of the healthy downstreams the one whose last turn is longest ago. This is
 * the plain rotation while the list stays the same. Nobody is passed over where users have different
 * lists, and a downstream that comes back gets its turn, not all it missed.
 */
export class RoundRobin implements Selector {
  /** Number of the last turn by downstream id; absent = never had one. Holds configured ids only. */
  readonly #lastTurn = new Map<string, number>();
  #turns = 0;

  select(request: SelectRequest): SelectReply {
    const order = byHealth(request.downstreams).toSorted(
      (one, other) => healthRank(one) - healthRank(other) || this.#lastTurnOf(one) - this.#lastTurnOf(other),
    );
    const first = order[0];
    if (first !== undefined && !request.dryRun) {
      this.#turns += 1;
      this.#lastTurn.set(first.id, this.#turns);
    }
    return routeThrough(order, 'round robin');
  }

  #lastTurnOf(downstream: DownstreamView): number {
    return this.#lastTurn.get(downstream.id) ?? 0;
  }
}
