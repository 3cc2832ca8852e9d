import { GobConstant } from '@smtp-router/go-plugin/gob';
import type { DownstreamView, SelectReply, SelectRequest } from '../contract/index.ts';
import { validateReply } from '../contract/validate-reply.ts';
import {
  buildRequestV1,
  DOWNSTREAM_LIST_V1,
  type PasswordLookup,
  parseReplyV1,
  type ReceivedReply,
  type RequestV1,
  resolveReplyV1,
  type Tail,
} from '../wire/index.ts';

/** How offers to one plugin are made and answers read. */
export interface OfferV1Options {
  /** Name of the selector, for messages. */
  readonly name: string;
  readonly tail: Tail;
  readonly passwordOf?: PasswordLookup;
}

/**
 * A list of downstreams as a generation 1 plugin gets it, with what its answers mean. Most messages bring
 * the list of the message before them, since such a plugin sees neither state nor load: an offer is
 * therefore made once, and so is the reply for each address.
 */
export class OfferV1 {
  readonly #options: OfferV1Options;
  readonly #request: RequestV1;
  /** By the address answered; holds none but addresses of the list. */
  readonly #replies = new Map<string, SelectReply>();
  /** What the plugin is sent. */
  readonly argument: GobConstant;

  constructor(request: SelectRequest, options: OfferV1Options) {
    this.#options = options;
    this.#request = buildRequestV1(request, options.passwordOf);
    this.argument = new GobConstant(DOWNSTREAM_LIST_V1, this.#request.list);
  }

  /** True when a message with these downstreams makes the same offer. */
  isFor(downstreams: readonly DownstreamView[]): boolean {
    const { list, offered } = this.#request;
    let index = 0;
    for (const downstream of downstreams) {
      if (downstream.state === 'disabled') continue;
      const known = offered[index];
      if (known === undefined || !isAlike(known, downstream)) return false;
      if (this.#passwordOf(downstream.id) !== list[index]?.Pass) return false;
      index += 1;
    }
    return index === offered.length;
  }

  /** What the plugin's answer to this offer means for `request`. Throws `SelectorError`. */
  read(answer: ReceivedReply, request: SelectRequest): SelectReply {
    const { value } = answer;
    if (answer.type.kind !== 'string' || typeof value !== 'string') return this.#parse(answer, request);
    const known = this.#replies.get(value);
    if (known !== undefined) return known;
    const reply = this.#parse(answer, request);
    this.#replies.set(value, reply);
    return reply;
  }

  #parse(answer: ReceivedReply, request: SelectRequest): SelectReply {
    const { name: selector, tail } = this.#options;
    const context = { offered: this.#request.offered, tail, selector };
    const candidateIds = resolveReplyV1(parseReplyV1(answer, selector), context);
    const reason = `plugin "${selector}" answered`;
    return validateReply(
      { kind: 'route', routes: [{ recipientIds: [], candidateIds }], reason },
      request,
      selector,
    );
  }

  #passwordOf(id: string): string {
    return this.#options.passwordOf?.(id) ?? '';
  }
}

/** True when a generation 1 plugin, and the reading of its answer, see no difference. */
function isAlike(one: DownstreamView, other: DownstreamView): boolean {
  return one.id === other.id && one.addr === other.addr && one.user === other.user;
}
