/** What is done when a selector is at fault: its `on_failure`. */
import type { DownstreamView, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { InOrder } from './in-order.ts';
import { LastOrders } from './last-orders.ts';
import { deferReply, routeThrough } from './reply-forms.ts';

/**
 * - `in-order`: the configured order, healthy downstreams first;
 * - `last-order`: the order the selector last gave for this user, without what is gone; in-order when
 *   there is none;
 * - `tempfail`: nobody is tried, the sender comes again.
 */
export type OnFailure = 'in-order' | 'last-order' | 'tempfail';

/** Answers in place of a selector. */
export class Fallback {
  readonly #onFailure: OnFailure;
  readonly #lastOrders = new LastOrders();
  readonly #inOrder = new InOrder();

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Keeps a good answer for `last-order`; answers for a dry run are not kept. */
  remember(request: SelectRequest, reply: SelectReply): void {
    if (this.#onFailure !== 'last-order' || request.dryRun || reply.kind !== 'route') return;
    // An order of one recipient among several says nothing about the user's next message.
    const [route, ...others] = reply.routes;
    if (route === undefined || others.length > 0) return;
    this.#lastOrders.remember(request.session.user, route.candidateIds);
  }

  /** @param fault one sentence that names the selector */
  replyFor(request: SelectRequest, fault: string): SelectReply {
    switch (this.#onFailure) {
      case 'tempfail':
        return deferReply(`${fault} Deferred (on_failure: tempfail).`);
      case 'last-order':
        return this.#lastOrderReply(request, fault) ?? this.#inOrderReply(request, fault);
      case 'in-order':
        return this.#inOrderReply(request, fault);
    }
  }

  #inOrderReply(request: SelectRequest, fault: string): SelectReply {
    const reply = this.#inOrder.select(request);
    return reply.kind === 'route' ? { ...reply, reason: `${fault} Configured order instead.` } : reply;
  }

  #lastOrderReply(request: SelectRequest, fault: string): SelectReply | undefined {
    const order = this.#lastOrders.recall(request.session.user) ?? [];
    const byId = new Map(request.downstreams.map((downstream) => [downstream.id, downstream]));
    const usable = order
      .map((id) => byId.get(id))
      .filter((view): view is DownstreamView => view !== undefined && view.state !== 'disabled');
    return usable.length > 0 ? routeThrough(usable, `${fault} Its last order instead.`) : undefined;
  }
}
