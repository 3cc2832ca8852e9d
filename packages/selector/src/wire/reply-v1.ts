/**
 * Replies of generation 1. Plugins answer a string (as first written) or an ordered list of
 * downstreams (as later changed) under the same version; gob describes itself, so the received type
 * tells them apart. Either way an answer is only a key into the list just offered.
 */
import type { GobType } from '@smtp-router/go-plugin/gob';
import type { DownstreamView } from '../contract/index.ts';
import { emptyError, shapeError, tooLong, unknownDownstream } from '../contract/reply-fault.ts';

/** Entries of a list that are looked at; far above any configured number of downstreams. */
const MAX_REPLY_ENTRIES = 1000;

/** A reply of generation 1 by shape, not yet checked against the list. */
export type ReplyV1 = AddressReplyV1 | ListReplyV1;

/** The answer as first written. */
export interface AddressReplyV1 {
  readonly kind: 'address';
  readonly addr: string;
}

/** The answer as later changed; passwords that may stand in it are not read. */
export interface ListReplyV1 {
  readonly kind: 'list';
  readonly entries: readonly { readonly addr: string; readonly user: string }[];
}

/** A decoded gob value with the type the plugin described it by. */
export interface ReceivedReply {
  readonly type: GobType;
  readonly value: unknown;
}

/**
 * Tells which of the two shapes a plugin answered.
 *
 * Throws `SelectorError` SELECTOR_REPLY_SHAPE or SELECTOR_REPLY_TOO_LONG.
 */
export function parseReplyV1(reply: ReceivedReply, selector: string): ReplyV1 {
  const { type, value } = reply;
  if (type.kind === 'string' && typeof value === 'string') return { kind: 'address', addr: value };
  if (type.kind === 'slice' && type.element.kind === 'struct' && Array.isArray(value)) {
    if (!type.element.fields.some((field) => field.name === 'Addr')) {
      throw shapeError(selector, 'the structs of its list have no field Addr');
    }
    if (value.length > MAX_REPLY_ENTRIES) throw tooLong(selector, MAX_REPLY_ENTRIES, 'downstreams');
    return { kind: 'list', entries: value.map((entry: unknown) => parseEntry(entry, selector)) };
  }
  throw shapeError(selector, `it is a gob ${type.kind}, neither a string nor a list of downstreams`);
}

function parseEntry(entry: unknown, selector: string): { readonly addr: string; readonly user: string } {
  const addr = ownField(entry, 'Addr');
  const user = ownField(entry, 'User') ?? '';
  if (typeof addr !== 'string' || typeof user !== 'string') {
    throw shapeError(selector, 'Addr or User of a downstream in its list is not a string');
  }
  return { addr, user };
}

function ownField(entry: unknown, name: string): unknown {
  if (typeof entry !== 'object' || entry === null) return undefined;
  return Object.getOwnPropertyDescriptor(entry, name)?.value;
}

/** What follows the one downstream a string answer names: the rest in configured order, or nothing. */
export type Tail = 'rest' | 'none';

/** Everything needed to read an answer as ids. */
export interface ReplyV1Context {
  /** The views offered, in the order they were sent. */
  readonly offered: readonly DownstreamView[];
  readonly tail: Tail;
  /** Name of the selector, for messages. */
  readonly selector: string;
}

/**
 * Answers the ids of the chosen downstreams, in order, each once. An entry matches by Addr and User,
 * else by Addr alone, the first in configured order that the answer has not used yet: two accounts
 * configured alike therefore keep both their places.
 *
 * Throws `SelectorError` SELECTOR_UNKNOWN_DOWNSTREAM or SELECTOR_EMPTY_REPLY.
 */
export function resolveReplyV1(reply: ReplyV1, context: ReplyV1Context): readonly string[] {
  return reply.kind === 'address' ? resolveAddress(reply.addr, context) : resolveList(reply, context);
}

function resolveAddress(addr: string, { offered, tail, selector }: ReplyV1Context): readonly string[] {
  if (addr === '') throw emptyError(selector, 'an empty address');
  const chosen = offered.find((downstream) => downstream.addr === addr);
  if (chosen === undefined) throw unknownDownstream(selector, addr, offered.length);
  if (tail === 'none') return [chosen.id];
  const rest = offered.filter((downstream) => downstream !== chosen);
  return [chosen, ...rest].map((downstream) => downstream.id);
}

function resolveList(reply: ListReplyV1, { offered, selector }: ReplyV1Context): readonly string[] {
  if (reply.entries.length === 0) throw emptyError(selector, 'an empty list');
  const byAddr = Map.groupBy(offered, (downstream) => downstream.addr);
  const chosen = new Set<DownstreamView>();
  for (const { addr, user } of reply.entries) {
    const sameAddr = byAddr.get(addr);
    if (sameAddr === undefined) throw unknownDownstream(selector, addr, offered.length);
    const sameAccount = sameAddr.filter((downstream) => downstream.user === user);
    const matches = sameAccount.length > 0 ? sameAccount : sameAddr;
    const unused = matches.find((downstream) => !chosen.has(downstream));
    if (unused !== undefined) chosen.add(unused);
  }
  return [...chosen].map((downstream) => downstream.id);
}
