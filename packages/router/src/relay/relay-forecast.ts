/** What the relay would do with a message, told without doing it: for `explain`. */
import type { DownstreamView, SelectRequest } from '@smtp-router/selector/contract';
import type { Downstream } from '../downstream/downstream.ts';
import { HeaderFields } from '../message/header-fields.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { RelayCall } from './relay-call.ts';
import type { PlannedRoute, RelayPlan } from './relay-plan.ts';
import type { RelayResult } from './relay-result.ts';

/** The way of a message by the configuration and the state of this moment. */
export interface RelayForecast {
  readonly plan: RelayPlan;
  readonly routes: readonly RouteForecast[];
  /** What the selector was asked; absent for a user without a route. */
  readonly request?: SelectRequest;
  /** What comes of it; absent when that is for a downstream to say. */
  readonly result?: RelayResult;
}

export interface RouteForecast {
  readonly recipients: readonly Recipient[];
  /** Everyone chosen who exists, in the order of the route. */
  readonly candidates: readonly CandidateForecast[];
}

/** One candidate, and whether it would be asked when its turn comes. */
export interface CandidateForecast {
  readonly downstream: string;
  readonly addr: string;
  readonly state: DownstreamView['state'];
  /** Why it would be passed over. */
  readonly passedOver?: PassedOver;
  /** Under which senders it would get the message, where they are not those of the message. */
  readonly rewritten?: RewrittenSender;
}

/** Addresses that its configuration puts in place of those of the message. */
export interface RewrittenSender {
  /** Reverse-path. */
  readonly mailFrom?: string;
  /** Of the header From. */
  readonly from?: string;
}

export interface PassedOver {
  /** From the catalogue of errors. */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
}

/** Tells a planned route candidate by candidate. */
export function forecastRoute(
  message: Message,
  route: PlannedRoute,
  { isAllOrNothing }: Pick<RelayCall, 'isAllOrNothing'>,
): RouteForecast {
  const { recipients, chosen } = route;
  const candidacy = { message, recipients, isAllOrNothing };
  return {
    recipients,
    candidates: chosen.map((downstream): CandidateForecast => {
      const { addr, state } = downstream.view();
      const obstacle = unwell(downstream, route) ?? downstream.obstacle(candidacy);
      const passedOver = obstacle && { code: obstacle.code, message: obstacle.message };
      const rewritten = rewrittenSender(message, downstream.outgoing(message));
      return {
        downstream: downstream.name,
        addr,
        state,
        ...(passedOver && { passedOver }),
        ...(rewritten && { rewritten }),
      };
    }),
  };
}

/** Why it is not asked though it was chosen: its health alone; undefined when that is no reason. */
function unwell(downstream: Downstream, { candidates, unasked }: PlannedRoute): PassedOver | undefined {
  const { name, state } = downstream;
  if (state === 'up' || candidates.includes(downstream)) return undefined;
  const because =
    unasked === undefined
      ? 'and a healthy candidate may take the message'
      : 'and so is every other candidate: the message waits until one is well';
  return { code: 'ROUTER_DOWNSTREAM_DOWN', message: `Downstream ${name} is ${state}, ${because}.` };
}

/** Undefined for the message itself. */
function rewrittenSender(message: Message, outgoing: Message): RewrittenSender | undefined {
  if (outgoing === message) return undefined;
  const { address } = outgoing.envelope.reversePath;
  const isSame = address === message.envelope.reversePath.address;
  const from = outgoing.body === message.body ? undefined : fromOf(outgoing);
  return { ...(!isSame && { mailFrom: address }), ...(from !== undefined && { from }) };
}

function fromOf({ body }: Message): string {
  return new HeaderFields(body.headerSection).fromAddress;
}
