/**
 * The check every answer passes before anybody acts on it, whoever gave it. What comes out is a new
 * value that holds only ids of the request and text fit for a log.
 */
import { SelectorError } from '../errors.ts';
import { withoutControls } from './quote.ts';
import { emptyError, notOnce, shapeError, tooLong, unknownDownstream } from './reply-fault.ts';
import type { Route, SelectReply, VerdictReply } from './select-reply.ts';
import type { SelectRequest } from './select-request.ts';

/** Characters of `reason` and `text` that are kept. */
const MAX_TEXT_CHARS = 500;
/** Ids looked at in one answer: a thousand recipients, each on its own, fit several times. */
const MAX_IDS = 10_000;

/**
 * Answers the reply as the contract wants it: ids known, every recipient in exactly one route, no
 * route without candidates, a candidate named twice kept once, texts cut to 500 characters and free of
 * control characters.
 *
 * Throws `SelectorError` SELECTOR_REPLY_SHAPE, SELECTOR_EMPTY_REPLY, SELECTOR_REPLY_TOO_LONG,
 * SELECTOR_UNKNOWN_DOWNSTREAM, SELECTOR_UNKNOWN_RECIPIENT or SELECTOR_RECIPIENT_NOT_ONCE.
 *
 * @param selector name of the selector, for the message of an error
 */
export function validateReply(reply: unknown, request: SelectRequest, selector: string): SelectReply {
  if (!isRecord(reply)) throw shapeError(selector, 'the answer is not an object');
  switch (reply['kind']) {
    case 'route':
      return {
        kind: 'route',
        routes: parseRoutes(reply['routes'], request, selector),
        reason: parseText(reply['reason'], 'reason', selector),
      };
    case 'defer':
    case 'reject':
    case 'hold':
      return parseVerdict(reply['kind'], reply, selector);
    default:
      throw shapeError(selector, 'its kind is none of route, defer, reject, hold');
  }
}

function parseRoutes(value: unknown, request: SelectRequest, selector: string): readonly Route[] {
  if (!Array.isArray(value)) throw shapeError(selector, 'routes is not a list');
  if (value.length === 0) throw emptyError(selector, 'no route');
  const budget = { left: MAX_IDS };
  const routes = value.map((route: unknown) => {
    if (!isRecord(route)) throw shapeError(selector, 'a route is not an object');
    return {
      recipientIds: takeList(route['recipientIds'], 'recipientIds', { budget, selector }),
      candidateIds: takeList(route['candidateIds'], 'candidateIds', { budget, selector }),
    };
  });
  const checkRecipients = recipientCheck(request, selector, routes.length);
  const checkCandidates = candidateCheck(request, selector);
  const parsed = routes.map((route) => ({
    recipientIds: checkRecipients.route(route.recipientIds),
    candidateIds: checkCandidates(route.candidateIds),
  }));
  checkRecipients.end();
  return parsed;
}

interface ListContext {
  readonly budget: { left: number };
  readonly selector: string;
}

function takeList(value: unknown, field: string, { budget, selector }: ListContext): readonly unknown[] {
  if (!Array.isArray(value)) throw shapeError(selector, `${field} is not a list`);
  budget.left -= value.length;
  if (budget.left < 0) {
    throw tooLong(selector, MAX_IDS, 'ids in its routes');
  }
  return value;
}

function candidateCheck(
  request: SelectRequest,
  selector: string,
): (ids: readonly unknown[]) => readonly string[] {
  const known = new Set(request.downstreams.map((downstream) => downstream.id));
  return (ids) => {
    if (ids.length === 0) throw emptyError(selector, 'a route without candidates');
    const kept = new Set<string>();
    for (const id of ids) {
      if (typeof id !== 'string') throw shapeError(selector, 'a candidate id is not a string');
      if (!known.has(id)) throw unknownDownstream(selector, id, known.size);
      kept.add(id);
    }
    return [...kept];
  };
}

/** Counts recipients over all routes of one answer. */
function recipientCheck(
  request: SelectRequest,
  selector: string,
  routeCount: number,
): { route(ids: readonly unknown[]): readonly number[]; end(): void } {
  const open = new Set(request.envelope.recipients.map((recipient) => recipient.id));
  const known = new Set(open);
  let coversAll = false;
  const route = (ids: readonly unknown[]): readonly number[] => {
    coversAll ||= ids.length === 0;
    return ids.map((id) => {
      if (typeof id !== 'number') throw shapeError(selector, 'a recipient id is not a number');
      if (!known.has(id)) {
        throw new SelectorError(
          'SELECTOR_UNKNOWN_RECIPIENT',
          `Selector "${selector}" routed recipient ${id}, which the message does not have.`,
        );
      }
      if (!open.delete(id)) throw notOnce(selector, `recipient ${id} is routed twice`);
      return id;
    });
  };
  const end = (): void => {
    if (coversAll && routeCount > 1) throw notOnce(selector, 'a route for all stands beside others');
    if (!coversAll && open.size > 0) throw notOnce(selector, `${open.size} recipients have no route`);
  };
  return { route, end };
}

/** Codes a verdict may carry besides 0; RFC 5321 §4.2.1: first digit 4 is transient, 5 permanent. */
const VERDICT_CODES = { defer: [400, 499], reject: [500, 599], hold: [0, 0] } as const;

function parseVerdict(
  kind: VerdictReply['kind'],
  reply: Readonly<Record<string, unknown>>,
  selector: string,
): VerdictReply {
  const code = reply['code'];
  const [lowest, highest] = VERDICT_CODES[kind];
  const isFit =
    typeof code === 'number' && Number.isInteger(code) && (code === 0 || (code >= lowest && code <= highest));
  if (!isFit) throw shapeError(selector, `the code of its ${kind} does not fit`);
  return {
    kind,
    code,
    text: parseText(reply['text'], 'text', selector),
    reason: parseText(reply['reason'], 'reason', selector),
  };
}

function parseText(value: unknown, field: string, selector: string): string {
  if (typeof value !== 'string') throw shapeError(selector, `${field} is not a string`);
  return withoutControls(value.slice(0, MAX_TEXT_CHARS));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
