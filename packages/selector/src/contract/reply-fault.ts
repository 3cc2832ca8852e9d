/**
 * The faults an answer can have, each as a `SelectorError` whose message names the selector. Foreign
 * text in them is quoted and escaped.
 */
import { SelectorError } from '../errors.ts';
import { quote } from './quote.ts';

/** SELECTOR_UNKNOWN_DOWNSTREAM: the answer names something that was not offered. */
export function unknownDownstream(selector: string, name: string, offered: number): SelectorError {
  return new SelectorError(
    'SELECTOR_UNKNOWN_DOWNSTREAM',
    `Selector "${selector}" chose ${quote(name)}, which is not among the ${offered} downstreams it was offered.`,
  );
}

/** SELECTOR_REPLY_SHAPE: the answer is not what the contract describes; `detail` says where. */
export function shapeError(selector: string, detail: string): SelectorError {
  return new SelectorError(
    'SELECTOR_REPLY_SHAPE',
    `Selector "${selector}" gave an unusable answer: ${detail}.`,
  );
}

/** SELECTOR_EMPTY_REPLY: nothing was chosen; `detail` says what was empty. */
export function emptyError(selector: string, detail: string): SelectorError {
  return new SelectorError('SELECTOR_EMPTY_REPLY', `Selector "${selector}" chose nothing: ${detail}.`);
}

/** SELECTOR_REPLY_TOO_LONG: more than `limit` entries of the kind `what`. */
export function tooLong(selector: string, limit: number, what: string): SelectorError {
  return new SelectorError(
    'SELECTOR_REPLY_TOO_LONG',
    `Selector "${selector}" answered more than ${limit} ${what}.`,
  );
}

/** SELECTOR_RECIPIENT_NOT_ONCE: a recipient stands in no route or in two. */
export function notOnce(selector: string, detail: string): SelectorError {
  return new SelectorError(
    'SELECTOR_RECIPIENT_NOT_ONCE',
    `Selector "${selector}" did not route every recipient once: ${detail}.`,
  );
}
