/** `SelectReply` of generation 2. */
import type { SelectReply } from '../../contract/index.ts';
import { shapeError, tooLong } from '../../contract/reply-fault.ts';
import { verdictNumber, verdictOf } from './enums.ts';
import { WireReader } from './wire-reader.ts';

/** Routes of one answer; each has a recipient of its own, and a message has at most this many. */
const MAX_ROUTES = 10_000;

/** The value `SELECT_REPLY_V2` is encoded from. */
export function encodeSelectReplyV2(reply: SelectReply): Readonly<Record<string, unknown>> {
  if (reply.kind !== 'route') {
    const { code, text, reason } = reply;
    return { ContractVersion: 2, Verdict: verdictNumber(reply.kind), Code: code, Text: text, Reason: reason };
  }
  return {
    ContractVersion: 2,
    Routes: reply.routes.map(({ recipientIds, candidateIds }) => ({
      RecipientIds: recipientIds,
      CandidateIds: candidateIds,
    })),
    Reason: reply.reason,
  };
}

/**
 * Reads an answer in the shape of `SELECT_REPLY_V2`; its ids are still to be checked by `validateReply`.
 *
 * Throws `SelectorError` SELECTOR_REPLY_SHAPE or SELECTOR_REPLY_TOO_LONG.
 */
export function decodeSelectReplyV2(value: unknown, selector: string): SelectReply {
  const reply = WireReader.ofReply(value, 'SelectReply', selector);
  const kind = verdictOf(reply.int('Verdict'));
  const routes = reply.messages('Routes');
  const reason = reply.text('Reason');
  if (kind === 'unknown') throw shapeError(selector, 'its verdict is none that this release knows');
  if (kind !== undefined) {
    if (routes.length > 0) throw shapeError(selector, 'it has both routes and a verdict');
    return { kind, code: reply.uint('Code'), text: reply.text('Text'), reason };
  }
  if (routes.length > MAX_ROUTES) throw tooLong(selector, MAX_ROUTES, 'routes');
  return {
    kind: 'route',
    routes: routes.map((route) => ({
      recipientIds: route.uints('RecipientIds'),
      candidateIds: route.texts('CandidateIds'),
    })),
    reason,
  };
}
