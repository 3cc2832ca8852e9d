/** One selection from question to record, the same for strategies and plugins. */
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { SelectionRecord } from '../message/selection-record.ts';
import type { Fallback } from './fallback.ts';
import { deferReply } from './reply-forms.ts';
import type { SelectionDecision } from './selection.ts';

/** How a selector is asked. */
export interface DecideOptions {
  /** Name from the configuration. */
  readonly name: string;
  /** Answers a valid reply, or rejects: then the selector is at fault. */
  ask(request: SelectRequest): Promise<SelectReply>;
  readonly fallback: Fallback;
  /** One sentence that names the selector and says what went wrong. */
  describeFault(fault: unknown): string;
  /** Milliseconds, never going back. */
  now(): number;
}

/** Asks and, when the selector is at fault, falls back. Never rejects. */
export async function decide(request: SelectRequest, options: DecideOptions): Promise<SelectionDecision> {
  const startedAt = options.now();
  if (request.downstreams.every(({ state }) => state === 'disabled')) {
    return decision(deferReply('every downstream is disabled'), options, startedAt);
  }
  try {
    const reply = await options.ask(request);
    options.fallback.remember(request, reply);
    return decision(reply, options, startedAt);
  } catch (fault) {
    const reply = options.fallback.replyFor(request, options.describeFault(fault));
    return decision(reply, options, startedAt, faultCodeOf(fault));
  }
}

/** @param faultCode present when the fallback answered */
function decision(
  reply: SelectReply,
  options: DecideOptions,
  startedAt: number,
  faultCode?: string,
): SelectionDecision {
  const record: SelectionRecord = {
    selector: options.name,
    decidedBy: faultCode === undefined ? 'selector' : 'fallback',
    reason: reply.reason,
    routes: reply.kind === 'route' ? reply.routes.map((route) => route.candidateIds) : [],
    durationMs: options.now() - startedAt,
  };
  return { reply, record: faultCode === undefined ? record : { ...record, faultCode } };
}

/** The catalogue code of a fault; SELECTOR_FAILED for what has none. */
export function faultCodeOf(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return typeof code === 'string' && /^(?:SELECTOR|PLUGIN|RPC|GOB|YAMUX)_/.test(code)
    ? code
    : 'SELECTOR_FAILED';
}
