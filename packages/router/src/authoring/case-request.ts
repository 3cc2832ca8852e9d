/** The request of a case, by the builder that plugin authors test with. */
import type { SelectHistoryEntry, SelectRequest } from '@smtp-router/selector/contract';
import { type RequestWords, requestFor } from '@smtp-router/selector/testing';
import type { AttemptDocument, CaseDocument, DownstreamDocument } from './case-schema.ts';
import { CALL_TIMEOUT_MS } from './plugin-target.ts';

/** What is not in the case itself. */
export interface CaseSurroundings {
  /** Of the file, for cases that name none. */
  readonly downstreams: readonly (string | DownstreamDocument)[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** A complete request. */
export function caseRequest(one: CaseDocument, surroundings: CaseSurroundings): SelectRequest {
  const { to = [], history = [], headers = {} } = one;
  return requestFor({
    from: one.from ?? '',
    to,
    headers,
    downstreams: (one.downstreams ?? surroundings.downstreams).map(downstreamWords),
    more: {
      requestId: one.name,
      dryRun: one.dry_run ?? false,
      timeoutMs: CALL_TIMEOUT_MS,
      attempt: one.attempt ?? history.length + 1,
      now: one.now === undefined ? surroundings.now : Date.parse(one.now),
      seed: one.seed ?? 0,
      session: { user: one.user ?? '' },
      ...(one.size !== undefined && { message: { sizeBytes: one.size } }),
      history: history.map((attempt) => historyEntry(attempt, to)),
    },
  });
}

function downstreamWords(one: string | DownstreamDocument): RequestWords['downstreams'][number] {
  if (typeof one === 'string') return one;
  const { name: id, addr, state, user, weight, labels, cost, latency_ms, in_flight } = one;
  return {
    id,
    ...(addr !== undefined && { addr }),
    ...(state !== undefined && { state }),
    ...(user !== undefined && { user }),
    ...(weight !== undefined && { weight }),
    ...(labels !== undefined && { labels }),
    ...(cost !== undefined && { cost, hasCost: true }),
    ...(latency_ms !== undefined && { latencyMs: latency_ms, hasLatency: true }),
    ...(in_flight !== undefined && { inFlight: in_flight }),
  };
}

function historyEntry(attempt: AttemptDocument, to: readonly string[]): SelectHistoryEntry {
  const concerned = attempt.to ?? to;
  return {
    downstreamId: attempt.downstream,
    recipientIds: to.flatMap((address, id) => (concerned.includes(address) ? [id] : [])),
    startedAt: attempt.started_at === undefined ? 0 : Date.parse(attempt.started_at),
    durationMs: attempt.duration_ms ?? 0,
    phase: attempt.phase ?? '',
    code: attempt.code ?? 0,
    enhancedCode: attempt.enhanced_code ?? '',
    text: attempt.text ?? '',
    kind: attempt.kind,
  };
}
