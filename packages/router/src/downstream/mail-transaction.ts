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
import type { ConnectionEvent, DownstreamConnection } from './downstream-connection.ts';
import { chooseMailParameters, chooseRecipients } from './mail-parameters.ts';

/** What a transaction led to. */
export interface TransactionResult {
  readonly recipientReplies: readonly (SmtpReply | undefined)[];
  readonly end: AttemptEnd;
}

/** Runs one transaction to its last word. Never rejects. */
export function runTransaction(
  connection: DownstreamConnection,
  request: AttemptRequest,
): Promise<TransactionResult> {
  return new Promise((resolve) => new MailTransaction(connection, request, resolve).run());
}

const WITHHELD: AttemptEnd = { kind: 'withheld', phase: 'rcpt' };

/** Goes on where the connection has news, in the same turn: nothing is awaited but the writing of large content. */
class MailTransaction {
  readonly #connection: DownstreamConnection;
  readonly #request: AttemptRequest;
  /** Called once. */
  readonly #onEnded: (result: TransactionResult) => void;
  /** One for each recipient of the request. */
  readonly #replies: (SmtpReply | undefined)[];

  constructor(
    connection: DownstreamConnection,
    request: AttemptRequest,
    onEnded: (result: TransactionResult) => void,
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#onEnded = onEnded;
    this.#replies = request.recipients.map(() => undefined);
  }

  run(): void {
    try {
      const end = this.#begin();
      if (end === undefined) this.#goOn();
      else this.#end(end);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Sends the envelope; an end when that is impossible. */
  #begin(): AttemptEnd | undefined {
    const { extensions, label } = this.#connection;
    if (extensions === undefined) return this.#broken();
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
    return undefined;
  }

  /** As far as there are events, until one ends the transaction. */
  readonly #goOn = (): void => {
    try {
      for (;;) {
        const event = this.#connection.nextNow();
        if (event === undefined) {
          this.#connection.onNews(this.#goOn);
          return;
        }
        const end = this.#follow(event);
        if (end instanceof Promise) {
          end.then(this.#goOn, this.#giveUp);
          return;
        }
        if (end !== undefined) {
          this.#end(end);
          return;
        }
      }
    } catch (error) {
      this.#giveUp(error);
    }
  };

  /** What an event leads to: the end, content that is being written, or nothing yet. */
  #follow(event: ConnectionEvent): AttemptEnd | Promise<void> | undefined {
    switch (event.kind) {
      case 'recipient-reply':
        this.#replies[event.index] = event.reply;
        return undefined;
      case 'envelope-end':
        if (!this.#areAllAccepted()) return this.#withhold();
        this.#connection.sendData();
        return undefined;
      case 'content-wanted':
        if (this.#areAllRefused()) return this.#dropInstead();
        return new ContentWriter(this.#connection).write(this.#request.message.body) ?? undefined;
      case 'transaction-end':
        return this.#ended(event);
      case 'session-failed':
      case 'broken':
        return this.#broken();
      case 'ready':
      case 'tls-wanted':
        return undefined;
    }
  }

  /** Most likely a body that cannot be read on: it must not end as a shorter message. */
  readonly #giveUp = (error: unknown): void => {
    this.#connection.failByDefect(error);
    this.#end(this.#broken());
  };

  #end(end: AttemptEnd): void {
    this.#onEnded({ end, recipientReplies: this.#replies });
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
  #broken(): AttemptEnd {
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
    return this.#replies.every((reply) => reply !== undefined && isAccepted(reply));
  }

  #areAllRefused(): boolean {
    return this.#replies.every((reply) => reply !== undefined && !isAccepted(reply));
  }
}

function isAccepted(reply: SmtpReply): boolean {
  return reply.code < 300;
}
