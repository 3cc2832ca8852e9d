/**
 * Brings a message to downstreams: one selection, then each route's candidates with failover.
 *
 * The budget is shared: whatever the selection and the first candidates used up is missing to the
 * next. A downstream that got the final dot and did not answer ends it: its outcome is ambiguous and
 * nobody else is asked.
 */
import type { SelectRequest } from '@smtp-router/selector/contract';
import { type Clock, systemClock } from '../clock.ts';
import { AttemptLimit } from '../downstream/attempt-limit.ts';
import type { Downstream } from '../downstream/downstream.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { Message } from '../message/message.ts';
import type { Outcome } from '../message/outcome.ts';
import type { Selection } from '../selection/selection.ts';
import { type Choice, choose, notChosen } from './choice.ts';
import type { MessageRelay } from './message-relay.ts';
import type { ExplainCall, RelayCall } from './relay-call.ts';
import { forecastRoute, type RelayForecast } from './relay-forecast.ts';
import { type PlanFacts, type PlannedRoute, planRelay, type RelayPlan } from './relay-plan.ts';
import type { RelayResult } from './relay-result.ts';
import { type RouteResult, type RouteRunOptions, runRoute } from './route-run.ts';
import { SeedSource } from './seed-source.ts';
import { buildSelectRequest } from './select-request.ts';
import { selectionFailed } from './unasked-outcome.ts';

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
  readonly #seeds: SeedSource;

  constructor(options: RelayOptions) {
    this.#users = options.users;
    this.#events = options.events;
    this.#clock = options.clock ?? systemClock;
    this.#seeds = new SeedSource(options.random ?? Math.random);
  }

  async relay(message: Message, call: RelayCall): Promise<RelayResult> {
    const limit = new AttemptLimit(this.#clock, call.deadlineAt, call.signal);
    const user = this.#users.get(message.session.user);
    const choice =
      user === undefined
        ? noUser(message)
        : await this.#choose(user, this.#question(message, call, user), limit);
    const plan = planRelay(message, choice, factsOf(user, call));
    this.#events.emit({ kind: 'selection-ended', messageId: message.id, selection: plan.selection });
    return this.#carryOut(message, plan, { call, limit, events: this.#events });
  }

  async explain(message: Message, call: ExplainCall): Promise<RelayForecast> {
    const user = this.#users.get(message.session.user);
    const isDryRun = !(call.isAskedAnyway && user?.selection.ignoresDryRun === true);
    const request = user && this.#question(message, call, user, isDryRun);
    const limit = new AttemptLimit(this.#clock, call.deadlineAt, call.signal);
    const choice =
      user === undefined || request === undefined
        ? noUser(message)
        : await this.#choose(user, request, limit);
    const plan = planRelay(message, choice, factsOf(user, call));
    const routes = plan.routes.map((route) => forecastRoute(message, route, call));
    // Nobody is asked, so that carrying the plan out is telling it.
    const result = isAnyoneAsked(message, plan, call)
      ? undefined
      : await this.#carryOut(message, plan, { call, limit, events: UNHEARD });
    return { plan, routes, ...(request && { request }), ...(result && { result }) };
  }

  #question(message: Message, call: RelayCall, user: RelayUser, isDryRun = false): SelectRequest {
    return buildSelectRequest(message, {
      downstreams: user.downstreams.map((downstream) => downstream.view()),
      attempt: call.attempt,
      history: call.history,
      isDryRun,
      timeoutMs: Math.max(0, Math.floor(call.deadlineAt - this.#clock.now())),
      now: this.#clock.wallTime(),
      seed: isDryRun ? this.#seeds.peek() : this.#seeds.take(),
    });
  }

  #choose(user: RelayUser, request: SelectRequest, limit: AttemptLimit): Promise<Choice> {
    return choose(user.selection, request, { limit, clock: this.#clock });
  }

  async #carryOut(message: Message, plan: RelayPlan, run: RunContext): Promise<RelayResult> {
    const { selection, verdict, unasked: outcome, routes } = plan;
    if (outcome !== undefined) {
      return { selection, ...(verdict && { verdict }), ...unasked(message, outcome) };
    }
    const runs = routes.map((route) => runPlanned(message, route, run));
    const [only] = runs;
    const result = runs.length === 1 && only !== undefined ? await only : joined(await Promise.all(runs));
    return { selection, attempts: result.attempts, outcomes: result.outcomes };
  }
}

/** How routes are run. */
type RunContext = Pick<RouteRunOptions, 'call' | 'limit' | 'events'>;

/** Of what happens while nothing happens, nobody hears. */
const UNHEARD: EventSink = { emit: () => {} };

function runPlanned(message: Message, route: PlannedRoute, run: RunContext): Promise<RouteResult> {
  const { recipients, candidates } = route;
  if (candidates.length > 0) return runRoute({ message, recipients, candidates, ...run });
  const outcome = route.unasked ?? selectionFailed('None of the selected downstreams exists.');
  return Promise.resolve({ attempts: [], outcomes: new Map(recipients.map(({ id }) => [id, outcome])) });
}

/** False when every candidate would be passed over by its own rules, or nobody is to be asked at all. */
function isAnyoneAsked(message: Message, plan: RelayPlan, { isAllOrNothing }: RelayCall): boolean {
  if (plan.unasked !== undefined) return false;
  return plan.routes.some(({ recipients, candidates }) =>
    candidates.some((one) => one.objection({ message, recipients, isAllOrNothing }) === undefined),
  );
}

function factsOf(user: RelayUser | undefined, call: RelayCall): PlanFacts {
  const { isAllOrNothing, isHealthNeeded, only } = call;
  return { downstreams: user?.downstreams ?? [], isAllOrNothing, isHealthNeeded, only };
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
