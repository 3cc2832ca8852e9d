/**
 * Brings a message to downstreams: one selection, then each route's candidates with failover.
 *
 * The budget is shared: whatever the selection and the first candidates used up is missing to the
 * next. A downstream that got the final dot and did not answer ends it: its outcome is ambiguous and
 * nobody else is asked.
 */
import type { Route } from '@smtp-router/selector/contract';
import { type Clock, systemClock } from '../clock.ts';
import { AttemptLimit } from '../downstream/attempt-limit.ts';
import type { Downstream } from '../downstream/downstream.ts';
import type { Candidacy } from '../downstream/outbound-rules.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { Outcome } from '../message/outcome.ts';
import type { Selection } from '../selection/selection.ts';
import { type Choice, choose, notChosen } from './choice.ts';
import type { MessageRelay, RelayCall } from './message-relay.ts';
import type { RelayResult, RelayVerdict } from './relay-result.ts';
import { type RouteResult, runRoute } from './route-run.ts';
import { buildSelectRequest } from './select-request.ts';
import { selectionFailed, splitNeedsSpool, verdictOutcome } from './unasked-outcome.ts';

/** By what a user's mail is routed. Owned by whoever made it, not by the relay. */
export interface RelayUser {
  readonly selection: Selection;
  /** In configured order; at least one. */
  readonly downstreams: readonly Downstream[];
}

/** What the relay of one configuration snapshot is made of. */
export interface RelayOptions {
  /** By `message.session.user`. */
  readonly users: ReadonlyMap<string, RelayUser>;
  readonly events: EventSink;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** 0 ≤ x < 1, as `Math.random`, which is the default: seeds of selections are no secrets. */
  readonly random?: () => number;
}

export class Relay implements MessageRelay {
  readonly #users: ReadonlyMap<string, RelayUser>;
  readonly #events: EventSink;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(options: RelayOptions) {
    this.#users = options.users;
    this.#events = options.events;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  async relay(message: Message, call: RelayCall): Promise<RelayResult> {
    const limit = new AttemptLimit(this.#clock, call.deadlineAt, call.signal);
    const user = this.#users.get(message.session.user);
    const choice = user === undefined ? noUser(message) : await this.#choose(message, call, user, limit);
    const { record } = choice;
    if (call.isDryRun === true) return { selection: record, attempts: [], outcomes: new Map() };
    this.#events.emit({ kind: 'selection-ended', messageId: message.id, selection: record });
    if (choice.kind === 'none') return { selection: record, ...unasked(message, choice.outcome) };
    const { reply } = choice;
    if (reply.kind !== 'route') {
      const verdict: RelayVerdict = { kind: reply.kind, code: reply.code, text: reply.text };
      return { selection: record, verdict, ...unasked(message, verdictOutcome(record.selector, verdict)) };
    }
    const { routes } = reply;
    if (call.isAllOrNothing && routes.length > 1) {
      return { selection: record, ...unasked(message, splitNeedsSpool(record.selector, routes.length)) };
    }
    const downstreams = user?.downstreams ?? [];
    const runs = routes.map((route) => this.#runRoute(message, { call, limit, downstreams, route }));
    const [only] = runs;
    const result = runs.length === 1 && only !== undefined ? await only : joined(await Promise.all(runs));
    return { selection: record, attempts: result.attempts, outcomes: result.outcomes };
  }

  #choose(message: Message, call: RelayCall, user: RelayUser, limit: AttemptLimit): Promise<Choice> {
    const request = buildSelectRequest(message, {
      downstreams: user.downstreams.map((downstream) => downstream.view()),
      attempt: call.attempt,
      isDryRun: call.isDryRun === true,
      timeoutMs: Math.max(0, Math.floor(call.deadlineAt - this.#clock.now())),
      now: this.#clock.wallTime(),
      seed: Math.floor(this.#random() * Number.MAX_SAFE_INTEGER),
    });
    return choose(user.selection, request, { limit, clock: this.#clock });
  }

  #runRoute(message: Message, { call, limit, downstreams, route }: RoutePlan): Promise<RouteResult> {
    const chosen = candidatesOf(route, downstreams);
    const recipients = recipientsOf(message, route);
    const candidates = chosen.every(isUp)
      ? chosen
      : withoutUnwell(chosen, { message, recipients, isAllOrNothing: call.isAllOrNothing });
    if (candidates.length > 0) {
      return runRoute({ message, recipients, candidates, call, limit, events: this.#events });
    }
    const outcome = selectionFailed(`None of ${route.candidateIds.length} selected downstreams exists.`);
    const outcomes = new Map(recipients.map(({ id }) => [id, outcome]));
    return Promise.resolve({ attempts: [], outcomes });
  }
}

/** In the order of the route, each once. */
function candidatesOf(route: Route, downstreams: readonly Downstream[]): readonly Downstream[] {
  const candidates: Downstream[] = [];
  for (const id of route.candidateIds) {
    const downstream = downstreams.find(({ name }) => name === id);
    if (downstream !== undefined && !candidates.includes(downstream)) candidates.push(downstream);
  }
  return candidates;
}

interface RoutePlan {
  readonly call: RelayCall;
  readonly limit: AttemptLimit;
  readonly downstreams: readonly Downstream[];
  readonly route: Route;
}

/**
 * A downstream that is down or throttled is passed over as long as a healthy one that may take the
 * message stands in the route. With none, all are asked: without a spool a late delivery is better than
 * a sure refusal.
 */
function withoutUnwell(candidates: readonly Downstream[], candidacy: Candidacy): readonly Downstream[] {
  const healthy = candidates.filter(isUp);
  return healthy.some((candidate) => candidate.objection(candidacy) === undefined) ? healthy : candidates;
}

function isUp(candidate: Downstream): boolean {
  return candidate.state === 'up';
}

/** No ids = every recipient of the message. */
function recipientsOf(message: Message, route: Route): readonly Recipient[] {
  const all = message.envelope.forwardPaths;
  return route.recipientIds.length === 0 ? all : all.filter(({ id }) => route.recipientIds.includes(id));
}

function noUser(message: Message): Choice {
  const reason = `User ${message.session.user} has no route in this configuration.`;
  return notChosen({ selector: '', reason, durationMs: 0 }, selectionFailed(reason));
}

/** The same for every recipient, and nobody was asked. */
function unasked(message: Message, outcome: Outcome): RouteResult {
  return { attempts: [], outcomes: new Map(message.envelope.forwardPaths.map(({ id }) => [id, outcome])) };
}

function joined(results: readonly RouteResult[]): RouteResult {
  return {
    attempts: results.flatMap(({ attempts }) => attempts).sort((a, b) => a.startedAt - b.startedAt),
    outcomes: new Map(results.flatMap(({ outcomes }) => [...outcomes])),
  };
}
