/** A question the running router asked a selector, and what came of it, as a case. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { CaseDocument, DownstreamDocument } from './case-schema.ts';

/** What a router told about one selection. */
export interface RecordedSelection {
  /** As the contract has it; from another process. */
  readonly request: unknown;
  readonly routes: readonly RecordedRoute[];
  readonly verdict?: { readonly kind: 'defer' | 'reject' | 'hold'; readonly code: number };
  readonly reason: string;
}

export interface RecordedRoute {
  /** Addresses. */
  readonly recipients: readonly string[];
  /** Downstreams in order. */
  readonly candidates: readonly string[];
}

const requestSchema = z.object({
  now: z.number(),
  seed: z.number(),
  session: z.object({ user: z.string() }),
  envelope: z.object({ mailFrom: z.string(), recipients: z.array(z.object({ address: z.string() })) }),
  message: z.object({
    sizeBytes: z.number(),
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
  downstreams: z.array(
    z.object({
      id: z.string(),
      addr: z.string(),
      weight: z.number(),
      labels: z.record(z.string(), z.string()),
      cost: z.number(),
      hasCost: z.boolean(),
      state: z.enum(['unspecified', 'up', 'probing', 'throttled', 'down', 'disabled']),
      latencyMs: z.number(),
      hasLatency: z.boolean(),
      inFlight: z.number(),
    }),
  ),
});

type RecordedRequest = z.output<typeof requestSchema>;

/** Throws `ROUTER_CONTROL_FAILED` for a request of another form. */
export function recordedCase(name: string, { request, ...decision }: RecordedSelection): CaseDocument {
  const checked = requestSchema.safeParse(request);
  if (!checked.success) {
    throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered tells no request to record.');
  }
  const { now, seed, session, envelope, message, downstreams } = checked.data;
  return {
    name,
    user: session.user,
    from: envelope.mailFrom,
    to: envelope.recipients.map(({ address }) => address),
    headers: headersOf(message.headers),
    size: message.sizeBytes,
    downstreams: downstreams.map(downstreamOf),
    now: new Date(now).toISOString(),
    seed,
    expect: expectationOf(decision),
  };
}

/** Of fields that come several times the first; none of those that routers write. */
function headersOf(headers: RecordedRequest['message']['headers']): Readonly<Record<string, string>> {
  const wanted = headers.filter(({ name }) => !/^received$/i.test(name));
  return Object.fromEntries(wanted.toReversed().map(({ name, value }) => [name, value]));
}

function downstreamOf(one: RecordedRequest['downstreams'][number]): DownstreamDocument {
  const { id: name, addr, state, weight, labels, cost, latencyMs, inFlight } = one;
  return {
    name,
    addr,
    ...(state !== 'unspecified' && { state }),
    ...(weight !== 1 && { weight }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(one.hasCost && { cost }),
    ...(one.hasLatency && { latency_ms: Math.round(latencyMs) }),
    ...(inFlight > 0 && { in_flight: inFlight }),
  };
}

function expectationOf(decision: Omit<RecordedSelection, 'request'>): CaseDocument['expect'] {
  const { routes, verdict, reason } = decision;
  const [only, ...others] = routes;
  return {
    ...(verdict !== undefined && { verdict: verdict.kind, ...(verdict.code > 0 && { code: verdict.code }) }),
    ...(only !== undefined && {
      routes:
        others.length === 0
          ? [...only.candidates]
          : routes.map(({ recipients, candidates }) => ({ to: [...recipients], by: [...candidates] })),
    }),
    reason,
  };
}
