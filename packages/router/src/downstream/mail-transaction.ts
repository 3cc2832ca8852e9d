/**
 * One mail transaction on a connection that is ready: envelope, content, answer (RFC 5321 §3.3).
 *
 * One recipient: MAIL, RCPT and DATA leave in one write; where the downstream takes chunks, the content of
 * a small message with them, in place of DATA: from then on the message is past its dot. Several recipients that must all be accepted:
 * DATA waits for every reply to RCPT, and one refusal ends the transaction before any content. Where
 * 354 came although no recipient is left the connection is dropped: a lone dot would be a message.
 */
import type { TransactionEndEvent } from '@smtp-router/smtp/client';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { AttemptEnd, AttemptRequest } from './attempt-report.ts';
import { chunkContent } from './chunk-content.ts';
import { ContentWriter } from './content-writer.ts';
import type { DownstreamConnection } from './downstream-connection.ts';
import { chooseMailParameters, chooseRecipients } from './mail-parameters.ts';

/** What a transaction led to. */
export interface TransactionResult {
  readonly recipientReplies: readonly (SmtpReply | undefined)[];
  readonly end: AttemptEnd;
}

/** Runs one transaction to its last word. Never rejects. */
export async function runTransaction(
  connection: DownstreamConnection,
  request: AttemptRequest,
): Promise<TransactionResult> {
  const transaction = new MailTransaction(connection, request);
  try {
    return { end: await transaction.run(), recipientReplies: transaction.replies };
  } catch (error) {
    // Most likely a body that cannot be read on: it must not end as a shorter message.
    connection.failByDefect(error);
    return { end: transaction.broken(), recipientReplies: transaction.replies };
  }
}

const WITHHELD: AttemptEnd = { kind: 'withheld', phase: 'rcpt' };

class MailTransaction {
  readonly #connection: DownstreamConnection;
  readonly #request: AttemptRequest;
  /** One for each recipient of the request. */
  readonly replies: (SmtpReply | undefined)[];

  constructor(connection: DownstreamConnection, request: AttemptRequest) {
    this.#connection = connection;
    this.#request = request;
    this.replies = request.recipients.map(() => undefined);
  }

  async run(): Promise<AttemptEnd> {
    const { extensions, label } = this.#connection;
    if (extensions === undefined) return this.broken();
    const choice = chooseMailParameters(this.#request.message, extensions, label);
    if (choice.kind === 'impossible') {
      return { kind: 'failed', phase: 'mail', code: choice.code, message: choice.message };
    }
    const isChunk = extensions.hasChunking && this.#connection.canSendAtOnce;
    const chunk = isChunk ? chunkContent(this.#request, extensions) : undefined;
    const transaction = {
      reversePath: this.#request.message.envelope.reversePath,
      mailParameters: choice.parameters,
      recipients: chooseRecipients(this.#request.recipients, extensions),
      holdData: this.#request.isAllOrNothing && this.#request.recipients.length > 1,
      chunkBytes: chunk?.sizeBytes,
    };
    this.#connection.begin(transaction, chunk?.pieces);
    return this.#follow();
  }

  async #follow(): Promise<AttemptEnd> {
    for (;;) {
      const event = this.#connection.nextNow() ?? (await this.#connection.next());
      switch (event.kind) {
        case 'recipient-reply':
          this.replies[event.index] = event.reply;
          break;
        case 'envelope-end':
          if (!this.#areAllAccepted()) return this.#withhold();
          this.#connection.sendData();
          break;
        case 'content-wanted':
          if (this.#areAllRefused()) return this.#dropInstead();
          {
            const writing = new ContentWriter(this.#connection).write(this.#request.message.body);
            if (writing !== undefined) await writing;
          }
          break;
        case 'transaction-end':
          return this.#ended(event);
        case 'session-failed':
        case 'broken':
          return this.broken();
        case 'ready':
        case 'tls-wanted':
          break;
      }
    }
  }

  #withhold(): AttemptEnd {
    this.#connection.abort();
    return WITHHELD;
  }

  #dropInstead(): AttemptEnd {
    this.#connection.destroy();
    return WITHHELD;
  }

  /** Without recipients whatever MAIL or DATA was answered says nothing new. */
  #ended({ phase, reply }: TransactionEndEvent): AttemptEnd {
    return this.#areAllRefused() ? WITHHELD : { kind: 'replied', phase, reply };
  }

  /** The connection failed: why, unless every recipient had been refused before. */
  broken(): AttemptEnd {
    if (this.#areAllRefused()) return WITHHELD;
    return (
      this.#connection.failure ?? {
        kind: 'failed',
        phase: this.#connection.phase,
        code: 'ROUTER_INTERNAL',
        message: 'The connection ended without a reason.',
      }
    );
  }

  #areAllAccepted(): boolean {
    return this.replies.every((reply) => reply !== undefined && isAccepted(reply));
  }

  #areAllRefused(): boolean {
    return this.replies.every((reply) => reply !== undefined && !isAccepted(reply));
  }
}

function isAccepted(reply: SmtpReply): boolean {
  return reply.code < 300;
}
