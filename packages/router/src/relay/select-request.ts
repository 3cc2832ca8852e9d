/** Builds the question a selector is asked from a message and the downstreams of its user. */

import type { DownstreamView, SelectRecipient, SelectRequest } from '@smtp-router/selector/contract';
import type { EsmtpParameter } from '@smtp-router/smtp/grammar';
import { HeaderFields } from '../message/header-fields.ts';
import type { Message, Recipient } from '../message/message.ts';

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

/** A request of plain data; holds nothing of the message's body and no secret. */
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
    message: selectMessage(message),
    downstreams: facts.downstreams,
    history: [],
  };
}

function selectMessage({ body }: Message): SelectRequest['message'] {
  const header = new HeaderFields(body.headerSection);
  return {
    sizeBytes: body.sizeBytes,
    messageId: header.first('message-id'),
    subject: header.first('subject'),
    from: header.fromAddress,
    headers: [],
  };
}

function selectRecipient({ id, path }: Recipient): SelectRecipient {
  return { id, address: path.address, domain: path.mailbox?.domain.toLowerCase() ?? '' };
}

function parameterText({ keyword, value }: EsmtpParameter): string {
  return value === undefined ? keyword : `${keyword}=${value}`;
}
