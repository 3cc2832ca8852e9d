/** Builds the question a selector is asked from a message and the downstreams of its user. */

import type {
  DownstreamView,
  SelectHeader,
  SelectHistoryEntry,
  SelectMessage,
  SelectRecipient,
  SelectRequest,
} from '@smtp-router/selector/contract';
import type { EsmtpParameter } from '@smtp-router/smtp/grammar';
import { HeaderFields } from '../message/header-fields.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { MessageBody } from '../message/message-body.ts';
import type { Attempt } from '../message/outcome.ts';
import { printable } from '../message/reply-text.ts';

/** Generation of the contract the fields below belong to. */
const CONTRACT_VERSION = 2;

/** What a request says beyond the message itself. */
export interface SelectRequestFacts {
  readonly downstreams: readonly DownstreamView[];
  readonly attempt: number;
  /** Attempts before this one. Default none. */
  readonly history?: readonly Attempt[] | undefined;
  readonly isDryRun: boolean;
  readonly timeoutMs: number;
  /** Unix milliseconds. */
  readonly now: number;
  /** Integer in 0 … 2^53 - 1. */
  readonly seed: number;
}

/** A request of plain data, without a secret; its message can be asked for as long as the body lasts. */
export function buildSelectRequest(message: Message, facts: SelectRequestFacts): SelectRequest {
  const { envelope, session } = message;
  return {
    contractVersion: CONTRACT_VERSION,
    requestId: `${message.id}-${facts.attempt}`,
    dryRun: facts.isDryRun,
    timeoutMs: facts.timeoutMs,
    attempt: facts.attempt,
    now: facts.now,
    seed: facts.seed,
    session: {
      listener: session.listener,
      clientAddress: session.clientAddress,
      helo: session.helo,
      isTls: session.isTls,
      user: session.user,
    },
    envelope: {
      mailFrom: envelope.reversePath.address,
      mailParameters: envelope.mailParameters.map(parameterText),
      recipients: envelope.forwardPaths.map(selectRecipient),
    },
    message: new MessageFacts(message.body),
    downstreams: facts.downstreams,
    history: facts.history?.map(historyEntry) ?? NO_HISTORY,
  };
}

const NO_HISTORY: SelectRequest['history'] = [];

/** What went wrong says more than what went well. */
function historyEntry(attempt: Attempt): SelectHistoryEntry {
  const { downstreamId, recipientIds, startedAt, durationMs, phase, outcomes } = attempt;
  const outcome = outcomes.find(({ kind }) => kind !== 'delivered') ?? outcomes[0];
  const { code = 0, enhancedCode = '', lines = [] } = outcome?.reply ?? {};
  const kind = outcome?.kind ?? 'deferred';
  const text = printable(lines.join(' '));
  return { downstreamId, recipientIds, startedAt, durationMs, phase, code, enhancedCode, text, kind };
}

/** Reads the header when somebody asks: most selectors go by downstreams alone. */
class MessageFacts implements SelectMessage {
  readonly sizeBytes: number;
  readonly #body: MessageBody;
  #fields: HeaderFields | undefined;

  constructor(body: MessageBody) {
    this.sizeBytes = body.sizeBytes;
    this.#body = body;
  }

  get messageId(): string {
    return this.#header.first('message-id');
  }

  get subject(): string {
    return this.#header.first('subject');
  }

  get from(): string {
    return this.#header.fromAddress;
  }

  /** All of them: only a plugin knows which it asked for. */
  get headers(): readonly SelectHeader[] {
    return this.#header.everything;
  }

  /** For whoever writes a request down. */
  toJSON(): SelectMessage {
    const { sizeBytes, messageId, subject, from, headers } = this;
    return { sizeBytes, messageId, subject, from, headers };
  }

  get #header(): HeaderFields {
    this.#fields ??= new HeaderFields(this.#body.headerSection);
    return this.#fields;
  }
}

function selectRecipient({ id, path }: Recipient): SelectRecipient {
  return { id, address: path.address, domain: path.mailbox?.domain.toLowerCase() ?? '' };
}

function parameterText({ keyword, value }: EsmtpParameter): string {
  return value === undefined ? keyword : `${keyword}=${value}`;
}
