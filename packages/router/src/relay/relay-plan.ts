/**
 * Who is asked to take a message, in which order: decided before anybody is. The relay carries it out,
 * `explain` tells it.
 */
import type { Route } from '@smtp-router/selector/contract';
import type { Downstream } from '../downstream/downstream.ts';
import type { Candidacy } from '../downstream/outbound-rules.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { UndeliveredOutcome } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';
import type { Choice } from './choice.ts';
import type { RelayVerdict } from './relay-result.ts';
import { noneIsWell, splitNeedsSpool, verdictOutcome } from './unasked-outcome.ts';

/** A message's way, as far as it can be known beforehand. */
export interface RelayPlan {
  readonly selection: SelectionRecord;
  /** Present when the selector gave no route. */
  readonly verdict?: RelayVerdict;
  /** What is to become of every recipient when nobody is asked at all. */
  readonly unasked?: UndeliveredOutcome;
  /** Empty when there was no decision for routes. */
  readonly routes: readonly PlannedRoute[];
}

/** One route with those who stand in it. */
export interface PlannedRoute {
  readonly recipients: readonly Recipient[];
  /** Everyone chosen who exists, in the order of the route, each once. */
  readonly chosen: readonly Downstream[];
  /** Those of them who are asked, in that order; the others are unwell. */
  readonly candidates: readonly Downstream[];
  /** What is to become of its recipients when nobody is asked because nobody is well. */
  readonly unasked?: UndeliveredOutcome;
}

/** Among whom, and how. */
export interface PlanFacts {
  /** Those of the user. */
  readonly downstreams: readonly Downstream[];
  /** As in `RelayCall`. */
  readonly isAllOrNothing: boolean;
  /** As in `RelayCall`. */
  readonly isHealthNeeded?: boolean | undefined;
  /** As in `RelayCall`. */
  readonly only?: string | undefined;
}

const NO_ROUTES: readonly PlannedRoute[] = [];

/** Makes a plan of a choice. */
export function planRelay(message: Message, choice: Choice, facts: PlanFacts): RelayPlan {
  const { record: selection } = choice;
  if (choice.kind === 'none') return { selection, unasked: choice.outcome, routes: NO_ROUTES };
  const { reply } = choice;
  if (reply.kind !== 'route') {
    const verdict: RelayVerdict = { kind: reply.kind, code: reply.code, text: reply.text };
    return { selection, verdict, unasked: verdictOutcome(selection.selector, verdict), routes: NO_ROUTES };
  }
  const routes = reply.routes.map((route) => planRoute(message, route, facts));
  if (facts.isAllOrNothing && routes.length > 1) {
    return { selection, unasked: splitNeedsSpool(selection.selector, routes.length), routes };
  }
  return { selection, routes };
}

function planRoute(message: Message, route: Route, facts: PlanFacts): PlannedRoute {
  const chosen = chosenOf(route, onlyAllowed(facts));
  const recipients = recipientsOf(message, route);
  if (chosen.every(isUp)) return { recipients, chosen, candidates: chosen };
  const candidacy = { message, recipients, isAllOrNothing: facts.isAllOrNothing };
  const candidates = withoutUnwell(chosen, candidacy);
  const isAnyUnwell = candidates.some((one) => !isUp(one) && one.objection(candidacy) === undefined);
  if (facts.isHealthNeeded !== true || !isAnyUnwell) return { recipients, chosen, candidates };
  return { recipients, chosen, candidates: [], unasked: noneIsWell(chosen.map(({ name }) => name)) };
}

function onlyAllowed({ downstreams, only }: PlanFacts): readonly Downstream[] {
  return only === undefined ? downstreams : downstreams.filter(({ name }) => name === only);
}

function chosenOf(route: Route, downstreams: readonly Downstream[]): readonly Downstream[] {
  const chosen: Downstream[] = [];
  for (const id of route.candidateIds) {
    const downstream = downstreams.find(({ name }) => name === id);
    if (downstream !== undefined && !chosen.includes(downstream)) chosen.push(downstream);
  }
  return chosen;
}

/**
 * A downstream that is down or throttled is passed over as long as a healthy one that may take the
 * message stands in the route. With none, all are left: without a spool a late delivery is better than
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
