/** The replies this room makes itself. */
import type { DownstreamView, SelectReply } from '@smtp-router/selector/contract';

/** All recipients to these downstreams, in this order; `defer` when there is none. */
export function routeThrough(downstreams: readonly DownstreamView[], reason: string): SelectReply {
  if (downstreams.length === 0) return deferReply('every downstream is disabled');
  const candidateIds = downstreams.map((downstream) => downstream.id);
  return { kind: 'route', routes: [{ recipientIds: [], candidateIds }], reason };
}

/** Nobody is to be tried now; the sender may come again. The text is public, the reason is for the log. */
export function deferReply(reason: string): SelectReply {
  return { kind: 'defer', code: 451, text: 'No route at the moment, try again later', reason };
}
