/** The `Plugin` service of generation 2, made from an author's functions. Knows no sockets. */
import type { SelectRequest } from '../contract/index.ts';
import { SelectorError } from '../errors.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  type ConfigureProblem,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeConfigurationV2,
  decodeSelectRequestV2,
  encodeDescriptionV2,
  encodeProblemsV2,
  encodeSelectReplyV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
  type SelectorDescription,
} from '../wire/index.ts';
import { type Answer, replyFromAnswer } from './answer.ts';

/** What is wrong with a configuration; empty when nothing is. */
export type ConfigureAnswer = readonly ConfigureProblem[];

/** Everything the service needs. */
export interface SelectorServiceV2Options {
  readonly description: SelectorDescription;
  configure?(config: unknown): ConfigureAnswer | Promise<ConfigureAnswer>;
  select(request: SelectRequest): Answer | Promise<Answer>;
}

/** One remote method: gob types of argument and reply, and what answers. */
export interface ServiceMethod {
  readonly argument: typeof SELECT_REQUEST_V2;
  readonly reply: typeof SELECT_REPLY_V2;
  handle(argument: unknown): Promise<unknown>;
}

/** The service by method. */
export type SelectorServiceV2 = Readonly<Record<'Describe' | 'Configure' | 'Select', ServiceMethod>>;

/**
 * Answers the service. An error thrown by `select` or `configure`, or an answer that is at fault, becomes
 * the error of the call; the process lives on.
 */
export function createSelectorServiceV2(options: SelectorServiceV2Options): SelectorServiceV2 {
  return {
    Describe: {
      argument: DESCRIBE_REQUEST_V2,
      reply: DESCRIBE_REPLY_V2,
      handle: () => Promise.resolve(encodeDescriptionV2(options.description)),
    },
    Configure: {
      argument: CONFIGURE_REQUEST_V2,
      reply: CONFIGURE_REPLY_V2,
      handle: async (argument) => {
        const config = parseConfig(decodeConfigurationV2(argument).configJson);
        return encodeProblemsV2((await options.configure?.(config)) ?? []);
      },
    },
    Select: {
      argument: SELECT_REQUEST_V2,
      reply: SELECT_REPLY_V2,
      handle: async (argument) => {
        const request = decodeSelectRequestV2(argument);
        const answer = completed(await options.select(request), request);
        return encodeSelectReplyV2(replyFromAnswer(answer, request));
      },
    },
  };
}

/** Undefined when the operator wrote no `config`. */
function parseConfig(json: string): unknown {
  if (json === '') return undefined;
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new SelectorError('SELECTOR_REQUEST_SHAPE', 'The host sent a config that is no JSON.', { cause });
  }
}

/** A single choice is followed by the others in configured order, as hosts do it for generation 1. */
function completed(answer: Answer, { downstreams }: SelectRequest): Answer {
  const isSingle = typeof answer === 'string' || (!Array.isArray(answer) && 'id' in answer);
  if (!isSingle) return answer;
  return [answer, ...downstreams.filter(({ state }) => state !== 'disabled')];
}
