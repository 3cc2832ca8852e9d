import type { Selector, SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import { byHealth } from './by-health.ts';
import { routeThrough } from './reply-forms.ts';

/** Strategy `in-order`: the configured order, healthy downstreams first. */
export class InOrder implements Selector {
  select(request: SelectRequest): SelectReply {
    return routeThrough(byHealth(request.downstreams), 'configured order');
  }
}
