/**
 * One mail transaction (RFC 5321 §3.3): envelope, content, final reply.
 *
 * With PIPELINING the whole envelope leaves in one piece, DATA included unless it is held (RFC 2920);
 * without, each command waits for the reply to the one before. Replies are told as they come. After a
 * refused MAIL those to the commands behind it say nothing new and are swallowed. A server that asks for
 * content although no recipient is left cannot be answered: a lone dot would be an empty message, RSET
 * would be content; so the session ends.
 *
 * Content of one chunk (BDAT, RFC 3030) leaves with the envelope: a round trip less. The server may have
 * taken the message before its reply to MAIL arrives, so that whatever breaks off from then on is as if the
 * dot had been sent, until a refusal is read. After a refused BDAT the transaction is reset, as the RFC asks.
 */
import { SmtpProtocolError } from '../errors.ts';
import { formatChunkCommand } from '../grammar/chunk-command.ts';
import type { SmtpReply } from '../grammar/reply.ts';
import type { SmtpPhase } from './client-event.ts';
import type { EnvelopeCommands } from './envelope-command.ts';
import type { ExchangeAction } from './reply-action.ts';
import type { SessionLink } from './session-link.ts';

/** How a transaction is to be made. */
export interface MailExchangeOptions {
  readonly commands: EnvelopeCommands;
  readonly isPipelined: boolean;
  readonly holdData: boolean;
  /** Bytes of content that the caller writes behind the envelope; undefined = DATA. */
  readonly chunkBytes: number | undefined;
}

/** `held`: waiting for `sendData` or `abort`. `content`: 354 came, the end of data was not sent. */
export type MailExchangeState = 'envelope' | 'held' | 'content' | 'dot' | 'ended';

export class MailExchange {
  readonly #options: MailExchangeOptions;
  readonly #link: SessionLink;
  #state: MailExchangeState = 'envelope';
  #isMailRefused: boolean = false;
  #answered = 0;
  #accepted = 0;
  #lastRefusal: SmtpReply | undefined;

  constructor(options: MailExchangeOptions, link: SessionLink) {
    this.#options = options;
    this.#link = link;
  }

  get state(): MailExchangeState {
    return this.#state;
  }

  /** The whole message has left, and no reply says yet that it cannot have been taken. */
  get isMessageOut(): boolean {
    return this.#options.chunkBytes !== undefined && this.#state === 'envelope' && this.#canBeTaken();
  }

  /** Sends the envelope, or its first command. */
  begin(): void {
    const { commands, isPipelined, holdData, chunkBytes } = this.#options;
    this.#link.ask('mail', commands.mail);
    if (!isPipelined) return;
    for (const command of commands.recipients) this.#link.ask('rcpt', command);
    if (chunkBytes !== undefined)
      this.#link.ask('chunk', formatChunkCommand({ sizeBytes: chunkBytes, isLast: true }));
    else if (!holdData) this.#link.ask('data', 'DATA');
  }

  /** In state `held`: goes on to the content. */
  sendData(): void {
    this.#require('held', 'sendData');
    if (this.#accepted === 0) throw misuse('DATA makes no sense without an accepted recipient.');
    this.#state = 'envelope';
    this.#link.ask('data', 'DATA');
  }

  /** In state `held`: gives the transaction up. */
  abort(): void {
    this.#require('held', 'abort');
    this.#end(true);
  }

  /** In state `content`: the end of data was written. */
  contentSent(): void {
    this.#require('content', 'contentSent');
    this.#state = 'dot';
  }

  handle(action: ExchangeAction, reply: SmtpReply): void {
    switch (action) {
      case 'mail-accepted':
        if (!this.#options.isPipelined) this.#askNext();
        return;
      case 'mail-refused':
        this.#mailRefused(reply);
        return;
      case 'recipient-answered':
        this.#recipientAnswered(reply);
        return;
      case 'content-wanted':
        this.#contentWanted(reply);
        return;
      case 'data-refused':
        this.#dataRefused(reply);
        return;
      case 'message-answered':
        this.#tellEnd('dot', reply);
        this.#end(false);
        return;
      case 'chunk-answered':
        this.#chunkAnswered(reply);
        return;
    }
  }

  #mailRefused(reply: SmtpReply): void {
    this.#isMailRefused = true;
    this.#tellEnd('mail', reply);
    if (!this.#options.isPipelined) this.#end(false);
  }

  #recipientAnswered(reply: SmtpReply): void {
    const index = this.#answered;
    this.#answered += 1;
    if (reply.code < 300) this.#accepted += 1;
    else this.#lastRefusal = reply;
    if (!this.#isMailRefused) this.#link.emit({ kind: 'recipient-reply', index, reply });
    if (this.#answered === this.#options.commands.recipients.length) this.#recipientsAnswered();
    else if (!this.#options.isPipelined) this.#askNext();
  }

  #askNext(): void {
    const command = this.#options.commands.recipients[this.#answered];
    if (command !== undefined) this.#link.ask('rcpt', command);
  }

  #recipientsAnswered(): void {
    const { holdData, isPipelined } = this.#options;
    if (holdData && this.#isMailRefused) this.#end(false);
    else if (holdData) this.#hold();
    else if (!isPipelined) this.#goOnToData();
  }

  #hold(): void {
    this.#state = 'held';
    this.#link.emit({ kind: 'envelope-end' });
  }

  #goOnToData(): void {
    if (this.#accepted > 0) {
      this.#link.ask('data', 'DATA');
      return;
    }
    if (this.#lastRefusal !== undefined) this.#tellEnd('rcpt', this.#lastRefusal);
    this.#end(true);
  }

  #contentWanted(reply: SmtpReply): void {
    if (reply.code !== 354) {
      this.#link.fail('SMTP_REPLY_UNEXPECTED', `DATA was answered ${reply.code}.`);
    } else if (this.#isMailRefused || this.#accepted === 0) {
      const message = 'Content was asked for although no recipient is left.';
      this.#link.fail('SMTP_CONTENT_WITHOUT_RECIPIENT', message);
    } else {
      this.#state = 'content';
      this.#link.emit({ kind: 'content-wanted' });
    }
  }

  /** With no recipient left DATA is refused for their sake: the refusal of the last one is what counts. */
  #dataRefused(reply: SmtpReply): void {
    if (this.#isMailRefused) {
      this.#end(false);
      return;
    }
    if (this.#accepted === 0 && this.#lastRefusal !== undefined) this.#tellEnd('rcpt', this.#lastRefusal);
    else this.#tellEnd('data', reply);
    this.#end(true);
  }

  /** With no recipient left BDAT is refused for their sake, and a server that takes it is not to be trusted. */
  #chunkAnswered(reply: SmtpReply): void {
    const isTaken = reply.code < 300;
    if (this.#canBeTaken()) {
      this.#tellEnd('dot', reply);
      this.#end(!isTaken);
    } else if (isTaken) {
      const message = 'Content was taken although no recipient is left.';
      this.#link.fail('SMTP_CONTENT_WITHOUT_RECIPIENT', message);
    } else {
      if (!this.#isMailRefused && this.#lastRefusal !== undefined) this.#tellEnd('rcpt', this.#lastRefusal);
      this.#end(true);
    }
  }

  /** Neither MAIL nor every RCPT has been refused so far. */
  #canBeTaken(): boolean {
    const areAllAnswered = this.#answered === this.#options.commands.recipients.length;
    return !this.#isMailRefused && !(areAllAnswered && this.#accepted === 0);
  }

  #tellEnd(phase: SmtpPhase, reply: SmtpReply): void {
    this.#link.emit({ kind: 'transaction-end', phase, reply });
  }

  #end(isOpenAtServer: boolean): void {
    this.#state = 'ended';
    if (isOpenAtServer) this.#link.resetTransaction();
    else this.#link.becomeReady();
  }

  #require(state: MailExchangeState, what: string): void {
    if (this.#state !== state) throw misuse(`${what} does not fit a transaction in state ${this.#state}.`);
  }
}

function misuse(message: string): SmtpProtocolError {
  return new SmtpProtocolError('SMTP_ENGINE_MISUSE', message);
}
