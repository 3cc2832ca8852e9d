/** Builds the question a selector is asked from a message and the downstreams of its user. */

import type {
  DownstreamView,
  SelectMessage,
  SelectRecipient,
  SelectRequest,
} from '@smtp-router/selector/contract';
import type { EsmtpParameter } from '@smtp-router/smtp/grammar';
import { HeaderFields } from '../message/header-fields.ts';
import type { Message, Recipient } from '../message/message.ts';
import type { MessageBody } from '../message/message-body.ts';

/** Generation of the contract the fields below belong to. */
const CONTRACT_VERSION = 2;

/** What a request says beyond the message itself. */
export interface SelectRequestFacts {
  readonly downstreams: readonly DownstreamView[];
  readonly attempt: number;
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
    message: selectMessage(message.body),
    downstreams: facts.downstreams,
    history: [],
  };
}

/** Reads the header when somebody asks: most selectors go by downstreams alone. */
function selectMessage(body: MessageBody): SelectMessage {
  let fields: HeaderFields | undefined;
  const header = (): HeaderFields => {
    fields ??= new HeaderFields(body.headerSection);
    return fields;
  };
  return {
    sizeBytes: body.sizeBytes,
    get messageId() {
      return header().first('message-id');
    },
    get subject() {
      return header().first('subject');
    },
    get from() {
      return header().fromAddress;
    },
    headers: [],
  };
}

function selectRecipient({ id, path }: Recipient): SelectRecipient {
  return { id, address: path.address, domain: path.mailbox?.domain.toLowerCase() ?? '' };
}

function parameterText({ keyword, value }: EsmtpParameter): string {
  return value === undefined ? keyword : `${keyword}=${value}`;
}
