/** The `Plugin` service of generation 1, made from an author's function. Knows no sockets. */
import { requestWith, type SelectReply, type SelectRequest } from '../contract/index.ts';
import { SelectorError } from '../errors.ts';
import {
  ADDRESS_V1,
  DOWNSTREAM_LIST_V1,
  type DownstreamV1,
  parseDownstreamListV1,
  viewsOfV1,
} from '../wire/index.ts';
import { type Answer, replyFromAnswer } from './answer.ts';

/** Which of the two replies of generation 1 a host of the plugin expects. */
export type V1ReplyShape = 'address' | 'list';

/** Everything the service needs. */
export interface SelectorServiceOptions {
  select(request: SelectRequest): Answer | Promise<Answer>;
  readonly v1Reply: V1ReplyShape;
  /** Wall clock, Unix milliseconds. */
  now(): number;
  /** Random integer in 0 … 2^48 - 1, the seed of a request. */
  random(): number;
}

/** One remote method: gob types of argument and reply, and what answers. */
export interface SelectMethod {
  readonly argument: typeof DOWNSTREAM_LIST_V1;
  readonly reply: typeof DOWNSTREAM_LIST_V1 | typeof ADDRESS_V1;
  handle(argument: unknown): Promise<unknown>;
}

/**
 * Answers the service. An error thrown by `select`, or an answer that is at fault, becomes the error
 * of the call; the process lives on.
 */
export function createSelectorService(options: SelectorServiceOptions): { readonly Select: SelectMethod } {
  let calls = 0;
  const handle = async (argument: unknown): Promise<unknown> => {
    const list = parseDownstreamListV1(argument);
    calls += 1;
    const request = requestFromV1(list, {
      requestId: `v1-${calls}`,
      now: options.now(),
      seed: options.random(),
    });
    const answer = await options.select(request);
    return encodeReply(replyFromAnswer(answer, request), { list, request, shape: options.v1Reply });
  };
  const reply = options.v1Reply === 'list' ? DOWNSTREAM_LIST_V1 : ADDRESS_V1;
  return { Select: { argument: DOWNSTREAM_LIST_V1, reply, handle } };
}

type RequestFacts = Pick<SelectRequest, 'requestId' | 'now' | 'seed'>;

/** The request as generation 1 tells it: downstreams without their passwords, nothing of the mail. */
function requestFromV1(list: readonly DownstreamV1[], facts: RequestFacts): SelectRequest {
  return requestWith({ ...facts, contractVersion: 1, downstreams: viewsOfV1(list) });
}

interface CallFacts {
  readonly list: readonly DownstreamV1[];
  readonly request: SelectRequest;
  readonly shape: V1ReplyShape;
}

/**
 * A list gives back the entries just as they came, passwords too: a host of the later shape connects
 * with what it is handed back. An address can carry only the first choice.
 */
function encodeReply(reply: SelectReply, { list, request, shape }: CallFacts): unknown {
  if (reply.kind !== 'route') {
    throw new SelectorError(
      'SELECTOR_VERDICT_UNSUPPORTED',
      `This plugin answered ${reply.kind} (${reply.text}), which generation 1 of the contract cannot carry.`,
    );
  }
  const [route, ...others] = reply.routes;
  if (route === undefined || others.length > 0) {
    throw new SelectorError(
      'SELECTOR_VERDICT_UNSUPPORTED',
      'This plugin answered several routes, which generation 1 of the contract cannot carry.',
    );
  }
  const entryOf = new Map(request.downstreams.map((downstream, index) => [downstream.id, list[index]]));
  const chosen = route.candidateIds.map((id) => entryOf.get(id));
  return shape === 'list' ? chosen : chosen[0]?.Addr;
}
