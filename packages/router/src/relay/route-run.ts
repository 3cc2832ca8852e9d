/**
 * One route of a message: its candidates in order, until every recipient of the route has an outcome
 * that another downstream cannot better.
 *
 * All or nothing: recipients stay together. One whose refusal is about itself stops the route for all,
 * for whatever a next candidate took would be a part.
 */
import type { AttemptLimit } from '../downstream/attempt-limit.ts';
import type { Downstream } from '../downstream/downstream.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { Attempt, Outcome } from '../message/outcome.ts';
import { healthVerdict } from './health-verdict.ts';
import { type Judgement, judgeAttempt } from './judge-attempt.ts';
import { transactInParts } from './recipient-parts.ts';
import type { RelayCall } from './relay-call.ts';
import { budgetEnded } from './unasked-outcome.ts';

/** What a route is run with. */
export interface RouteRunOptions {
  readonly message: Message;
  readonly recipients: readonly Recipient[];
  /** In order; at least one. */
  readonly candidates: readonly Downstream[];
  readonly call: RelayCall;
  readonly limit: AttemptLimit;
  readonly events: EventSink;
}

/** What a route led to: an outcome for each of its recipients. */
export interface RouteResult {
  readonly attempts: readonly Attempt[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
}

/** Tries the candidates of one route. Never rejects. */
export function runRoute(options: RouteRunOptions): Promise<RouteResult> {
  return new RouteRun(options).run();
}

class RouteRun implements RouteResult {
  readonly attempts: Attempt[] = [];
  readonly outcomes = new Map<number, Outcome>();
  readonly #options: RouteRunOptions;
  /** Recipients another candidate may still take. */
  #pending: readonly Recipient[];

  constructor(options: RouteRunOptions) {
    this.#options = options;
    this.#pending = options.recipients;
  }

  async run(): Promise<RouteResult> {
    const { candidates, limit } = this.#options;
    let index = 0;
    for (const candidate of candidates) {
      if (limit.isOver) break;
      index += 1;
      const judgements = await this.#attempt(candidate);
      this.#settle(judgements);
      this.#reportFailover(candidate, judgements, candidates[index]);
      if (this.#pending.length === 0) return this;
    }
    for (const { id } of this.#pending) {
      if (!this.outcomes.has(id)) this.outcomes.set(id, budgetEnded());
    }
    return this;
  }

  #attempt(candidate: Downstream): Promise<readonly Judgement[]> {
    const recipients = this.#pending;
    if (this.#options.call.isAllOrNothing || recipients.length === 1) {
      return this.#transact(candidate, recipients);
    }
    const transact = (part: readonly Recipient[]) => this.#transact(candidate, part);
    return transactInParts({ recipients, maxRecipients: candidate.maxRecipients, transact });
  }

  async #transact(candidate: Downstream, recipients: readonly Recipient[]): Promise<readonly Judgement[]> {
    const { message, call, events } = this.#options;
    const report = await candidate.attempt({
      message,
      recipients,
      isAllOrNothing: call.isAllOrNothing,
      deadlineAt: call.deadlineAt,
      signal: call.signal,
    });
    const judgements = judgeAttempt(candidate.name, report, recipients.length);
    const verdict = healthVerdict(judgements);
    if (verdict !== undefined) candidate.judged(verdict);
    const attempt: Attempt = {
      downstreamId: candidate.name,
      recipientIds: recipients.map(({ id }) => id),
      startedAt: report.startedAt,
      durationMs: report.durationMs,
      phase: report.end.phase,
      outcomes: judgements.map(({ outcome }) => outcome),
    };
    this.attempts.push(attempt);
    events.emit({ kind: 'attempt-ended', messageId: message.id, attempt });
    call.onAttempt?.(attempt);
    return judgements;
  }

  #settle(judgements: readonly Judgement[]): void {
    const isTogether = this.#options.call.isAllOrNothing;
    const isStopped = isTogether && judgements.some(({ isNextTried }) => !isNextTried);
    const remaining: Recipient[] = [];
    let index = 0;
    for (const recipient of this.#pending) {
      const judgement = judgements[index];
      index += 1;
      if (judgement === undefined) continue;
      this.outcomes.set(recipient.id, better(this.outcomes.get(recipient.id), judgement));
      if (judgement.isNextTried && !isStopped) remaining.push(recipient);
    }
    this.#pending = remaining;
  }

  #reportFailover(from: Downstream, judgements: readonly Judgement[], next: Downstream | undefined): void {
    const cause = judgements.find(({ isNextTried }) => isNextTried)?.outcome;
    if (this.#pending.length === 0 || cause === undefined || cause.kind === 'delivered') return;
    const to = this.#options.limit.isOver ? undefined : next?.name;
    this.#options.events.emit({
      kind: 'failed-over',
      messageId: this.#options.message.id,
      from: from.name,
      ...(to !== undefined && { to }),
      blame: cause.blame,
      ...(cause.errorCode !== undefined && { errorCode: cause.errorCode }),
      message: cause.message,
    });
  }
}

/** Hope stays: a candidate that may take the message later outweighs one that never will. */
function better(before: Outcome | undefined, { outcome, isNextTried }: Judgement): Outcome {
  if (before?.kind === 'deferred' && outcome.kind === 'failed' && isNextTried) return before;
  return outcome;
}
