/**
 * Every way a selection can go wrong, and the one error class of this package. A `SelectorError` is a
 * fault of the selector: whoever asked it falls back as configured, the message never fails for it.
 */

/** What the catalogue says about one code; `docs/errors.md` is made from it. */
export interface ErrorEntry {
  /** True when asking again later may succeed without anybody changing anything. */
  readonly temporary: boolean;
  readonly meaning: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Codes are never reused for another meaning. */
export const SELECTOR_ERRORS = {
  SELECTOR_UNKNOWN_DOWNSTREAM: {
    temporary: false,
    meaning: 'The selector chose a downstream it was not offered.',
    cause: 'The answer holds an address or id that is not in the list just handed to the selector.',
    remedy: 'Answer only with entries of the list given to Select; a plugin cannot invent downstreams.',
  },
  SELECTOR_EMPTY_REPLY: {
    temporary: false,
    meaning: 'The selector chose nothing.',
    cause: 'The answer is an empty string, an empty list, no route, or a route without candidates.',
    remedy: 'Answer at least one downstream, or return an error that says why there is none.',
  },
  SELECTOR_REPLY_SHAPE: {
    temporary: false,
    meaning: 'The answer of the selector is of a shape the contract does not know.',
    cause: 'A version 1 plugin must answer a string or a list of structs with a string field Addr.',
    remedy: 'Build the plugin on the SDK, or compare its Select with the selector contract.',
  },
  SELECTOR_REPLY_TOO_LONG: {
    temporary: false,
    meaning: 'The answer of the selector has more entries than any sensible one.',
    cause: 'The plugin answers a list that is not derived from the list it was offered.',
    remedy: 'Answer every downstream at most once.',
  },
  SELECTOR_UNKNOWN_RECIPIENT: {
    temporary: false,
    meaning: 'A route names a recipient the message does not have.',
    cause: 'The answer holds a recipient id that is not in the request.',
    remedy: 'Use the ids of envelope.recipients, or leave the ids empty for all recipients.',
  },
  SELECTOR_RECIPIENT_NOT_ONCE: {
    temporary: false,
    meaning: 'The routes do not cover every recipient exactly once.',
    cause: 'A recipient stands in two routes or in none.',
    remedy: 'Put each recipient in exactly one route, or answer one route for all.',
  },
  SELECTOR_VERDICT_UNSUPPORTED: {
    temporary: false,
    meaning: 'The selector gave a verdict, or several routes, that generation 1 cannot carry.',
    cause: 'The plugin is asked in generation 1, which knows one order of downstreams and nothing else.',
    remedy: 'Answer an order of downstreams.',
  },
  SELECTOR_REQUEST_SHAPE: {
    temporary: false,
    meaning: 'The question of the host is of a shape the contract does not know.',
    cause: 'The host was not built on generation 2 of the selector contract, or sends numbers beyond 2^53.',
    remedy: 'Compare what the host sends with selector.proto.',
  },
  SELECTOR_REQUEST_TOO_LONG: {
    temporary: false,
    meaning: 'A message has more to it than a plugin is sent, so it was not asked.',
    cause:
      'Thousands of recipients, or a header of the greatest length: a request has 1 000 000 bytes at most.',
    remedy: 'Nothing, if `on_failure` suits such messages; else lower `limits.recipients`.',
  },
  SELECTOR_CONFIG_REFUSED: {
    temporary: false,
    meaning: 'The plugin found something wrong with its `config`.',
    cause: 'A value below `selectors.*.config` is missing or not what the plugin understands.',
    remedy: 'Correct what the message names by line and column.',
  },
  SELECTOR_CONFIG_UNSUPPORTED: {
    temporary: false,
    meaning: 'The plugin cannot be handed its `config`.',
    cause: 'It speaks generation 1 of the contract, which has no Configure.',
    remedy: 'Remove `config`, or build the plugin for generation 2.',
  },
  SELECTOR_NO_DRY_RUN: {
    temporary: false,
    meaning: 'The plugin was not asked what it would do, because asking changes what it does next.',
    cause: 'It speaks generation 1 of the contract, which cannot say that nothing will be sent.',
    remedy: 'Give `explain --ask` to ask it all the same, or build the plugin for generation 2.',
  },
  SELECTOR_FAILED: {
    temporary: true,
    meaning: 'The selector threw instead of answering.',
    cause: 'A defect in the selector, or something it depends on is not available.',
    remedy: 'Read the cause in the log of the plugin.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type SelectorErrorCode = keyof typeof SELECTOR_ERRORS;

/** A selector at fault. `message` is one sentence for the log that names the selector. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
  readonly code: SelectorErrorCode;
  readonly temporary: boolean;

  constructor(code: SelectorErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.temporary = SELECTOR_ERRORS[code].temporary;
  }
}
