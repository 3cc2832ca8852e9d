/**
 * One SMTP session as a client sees it (RFC 5321), without I/O: bytes go in by `receive`, events come
 * out of `nextEvent`, text to be sent out of `takeOutput`. It opens the session once and then makes
 * one transaction after the other.
 *
 * The server is not trusted. Every reply must have been asked for, in order; before anything is sent
 * nothing may wait to be read, or replies could be taken for answers to commands they came before. What
 * each reply leads to stands in `reply-action.ts`; 421 ends the session wherever it comes.
 *
 * Time-outs are the caller's; `phase` tells which one counts.
 */
import { type SmtpErrorCode, SmtpProtocolError } from '../errors.ts';
import { replyClass } from '../grammar/enhanced-status.ts';
import { Fifo } from '../grammar/fifo.ts';
import type { SmtpReply } from '../grammar/reply.ts';
import { ReplyReader } from '../grammar/reply-reader.ts';
import type { SmtpClientEvent, SmtpPhase } from './client-event.ts';
import type { SmtpClientOptions } from './client-options.ts';
import { describeReply } from './describe-reply.ts';
import { formatEnvelope } from './envelope-command.ts';
import { MailExchange } from './mail-exchange.ts';
import { REPLY_ACTIONS, type ReplyAction, type ReplyStep, STEP_PHASES } from './reply-action.ts';
import type { SessionLink } from './session-link.ts';
import { SessionOpening } from './session-opening.ts';
import type { SmtpExtensions } from './smtp-extensions.ts';
import type { SmtpTransaction } from './smtp-transaction.ts';

/**
 * `opening` until the first `ready`; `tls` while the transport is being wrapped; `busy` while a
 * transaction or a reset is under way; `leaving` after `quit`; `failed` for ever.
 */
type SessionState = 'opening' | 'tls' | 'ready' | 'busy' | 'leaving' | 'failed';

/** Phases while no reply is due. */
const IDLE_PHASES: Readonly<Record<Exclude<SessionState, 'failed'>, SmtpPhase>> = {
  opening: 'greeting',
  tls: 'tls',
  ready: 'mail',
  busy: 'data',
  leaving: 'quit',
};

const INJECTED = 'Bytes came in clear behind the reply to STARTTLS.';

/** A host name, an address literal: printable, no space. */
const HELO_NAME = /^[!-~]{1,255}$/;

export class SmtpClientSession {
  readonly #replies: ReplyReader;
  readonly #opening: SessionOpening;
  readonly #events = new Fifo<SmtpClientEvent>();
  readonly #link: SessionLink;
  #state: SessionState = 'opening';
  #output = '';
  /** Steps whose replies are due, in the order they will come. */
  readonly #due = new Fifo<ReplyStep>();
  /** Phase of the reply at hand, or of the failure. */
  #phase: SmtpPhase = 'greeting';
  #exchange: MailExchange | undefined;
  #isEnded: boolean = false;

  constructor(options: SmtpClientOptions) {
    if (!HELO_NAME.test(options.heloName)) {
      throw new SmtpProtocolError('SMTP_UNSAFE_ARGUMENT', 'The name for EHLO is malformed.');
    }
    this.#due.push('greeting');
    this.#replies = new ReplyReader(options);
    this.#link = {
      ask: (step, line) => this.#ask(step, line),
      emit: (event) => void this.#events.push(event),
      fail: (code, message, reply) => this.#fail(code, message, reply),
      wantTls: () => this.#wantTls(),
      becomeReady: () => this.#becomeReady(),
      resetTransaction: () => this.#ask('rset', 'RSET'),
    };
    this.#opening = new SessionOpening(options, this.#link);
  }

  /** What the next reply is due to; `mail` while nothing is under way; the last one when it is over. */
  get phase(): SmtpPhase {
    const step = this.#due.peek();
    if (this.#state === 'failed') return this.#phase;
    if (step !== undefined) return this.#phaseOf(step);
    if (this.#state === 'busy' && this.#exchange?.state === 'held') return 'rcpt';
    return IDLE_PHASES[this.#state];
  }

  /** What the last EHLO offered; nothing before it. */
  get extensions(): SmtpExtensions {
    return this.#opening.extensions;
  }

  /** Takes bytes from the transport; nothing is done with them yet. */
  receive(bytes: Uint8Array): void {
    if (this.#state !== 'failed' && this.#state !== 'leaving') this.#replies.push(bytes);
  }

  /** The server closed the connection. What was received is still read. */
  end(): void {
    this.#isEnded = true;
  }

  /** The next event, if what was received leads to one. */
  nextEvent(): SmtpClientEvent | undefined {
    while (this.#events.isEmpty && this.#advance()) {
      // Each turn reads one reply.
    }
    return this.#events.shift();
  }

  /** What is to be sent, once, as text to be encoded in UTF-8; undefined when there is nothing. */
  takeOutput(): string | undefined {
    if (this.#output === '') return undefined;
    const text = this.#output;
    this.#output = '';
    return text;
  }

  /**
   * Begins a transaction, after `ready`. Throws, and sends nothing: `SMTP_ENGINE_MISUSE`,
   * `SMTP_UNSAFE_ARGUMENT`, `SMTP_PARAMETER_NOT_OFFERED`.
   */
  begin(transaction: SmtpTransaction): void {
    if (this.#state === 'failed') return;
    if (this.#state !== 'ready') throw misuse('A transaction begins after the event ready only.');
    if (transaction.recipients.length === 0) throw misuse('A transaction needs a recipient.');
    const commands = formatEnvelope(transaction, this.extensions);
    const isPipelined = this.extensions.hasPipelining;
    const { holdData, chunkBytes } = transaction;
    if (chunkBytes !== undefined) this.#requireChunking(holdData);
    this.#state = 'busy';
    this.#exchange = new MailExchange({ commands, isPipelined, holdData, chunkBytes }, this.#link);
    this.#exchange.begin();
  }

  /** After `envelope-end`, with at least one recipient accepted: goes on to the content. */
  sendData(): void {
    if (this.#state !== 'failed') this.#running('sendData').sendData();
  }

  /** After `envelope-end`: gives the transaction up; `ready` follows. */
  abort(): void {
    if (this.#state !== 'failed') this.#running('abort').abort();
  }

  /** After `content-wanted`: content and end of data are written, or are about to be. */
  contentSent(): void {
    if (this.#state === 'failed') return;
    this.#running('contentSent').contentSent();
    if (this.#isQuiet('dot')) this.#due.push('dot');
  }

  /** RSET while nothing is under way, to see whether the server is there; `ready` follows. */
  reset(): void {
    if (this.#state === 'failed') return;
    if (this.#state !== 'ready') throw misuse('A reset is for a session that is ready.');
    this.#state = 'busy';
    this.#exchange = undefined;
    this.#ask('rset', 'RSET');
  }

  /** Says QUIT when nothing is under way, and is over in any case: the transport may be closed. */
  quit(): void {
    if (this.#state === 'failed' || this.#state === 'leaving') return;
    const canSay = this.#state === 'ready' || this.#exchange?.state === 'held';
    if (canSay) this.#output += 'QUIT\r\n';
    this.#state = 'leaving';
    this.#due.clear();
  }

  /** After `tls-wanted`: the transport is TLS now, and the session begins anew with EHLO. */
  tlsStarted(): void {
    if (this.#state === 'failed') return;
    if (this.#state !== 'tls') throw misuse('TLS was started without STARTTLS.');
    if (this.#replies.hasUnread) {
      this.#failNow('SMTP_STARTTLS_INJECTION', INJECTED);
      return;
    }
    this.#state = 'opening';
    this.#opening.tlsStarted();
  }

  /** Reads one reply. False = nothing more can be done now. */
  #advance(): boolean {
    if (this.#state === 'failed' || this.#state === 'leaving') return false;
    if (this.#state === 'tls' && this.#replies.hasUnread) {
      this.#failNow('SMTP_STARTTLS_INJECTION', INJECTED);
      return true;
    }
    const read = this.#replies.next();
    if (read.kind === 'reply') this.#handleReply(read.reply);
    else if (read.kind === 'fault') this.#failNow(read.code, read.message);
    else if (!this.#isEnded) return false;
    else this.#failNow('SMTP_CONNECTION_CLOSED', 'The connection was closed while the session was not over.');
    return true;
  }

  #handleReply(reply: SmtpReply): void {
    this.#phase = this.phase;
    const step = this.#due.shift();
    const kind = replyClass(reply.code);
    if (reply.code === 421) {
      if (step !== undefined) this.#phase = STEP_PHASES[step];
      this.#fail('SMTP_SERVICE_CLOSING', `The answer was ${describeReply(reply)}`, reply);
    } else if (step === undefined || kind === undefined) {
      this.#fail('SMTP_REPLY_UNEXPECTED', `Nobody asked for the reply ${describeReply(reply)}`);
    } else {
      this.#perform(REPLY_ACTIONS[step][kind], reply);
    }
  }

  /** Once the message is out, any silence is about the message, whatever reply is due next. */
  #phaseOf(step: ReplyStep): SmtpPhase {
    if (this.#exchange?.isMessageOut === true) return 'dot';
    return step === 'chunk' ? 'data' : STEP_PHASES[step];
  }

  #requireChunking(holdData: boolean): void {
    const { hasPipelining, hasChunking } = this.extensions;
    if (holdData) throw misuse('A chunk cannot be held back.');
    if (hasPipelining && hasChunking) return;
    const message = 'The server does not offer what a chunk behind the envelope needs.';
    throw new SmtpProtocolError('SMTP_PARAMETER_NOT_OFFERED', message);
  }

  #perform(action: ReplyAction, reply: SmtpReply): void {
    switch (action) {
      case 'ready':
        this.#becomeReady();
        return;
      case 'reset-refused':
        this.#fail('SMTP_RSET_REFUSED', `RSET was answered ${describeReply(reply)}`, reply);
        return;
      case 'nonsense':
        this.#fail('SMTP_REPLY_UNEXPECTED', `The reply ${describeReply(reply)} fits no question.`);
        return;
      case 'ignore':
        return;
      case 'mail-accepted':
      case 'mail-refused':
      case 'recipient-answered':
      case 'content-wanted':
      case 'data-refused':
      case 'message-answered':
      case 'chunk-answered':
        this.#exchange?.handle(action, reply);
        return;
      default:
        this.#opening.handle(action, reply);
    }
  }

  /** With no reply due nothing may wait to be read: it would be taken for the answer. */
  #ask(step: ReplyStep, line: string): void {
    if (this.#state === 'failed' || (this.#due.isEmpty && !this.#isQuiet(STEP_PHASES[step]))) return;
    this.#output += `${line}\r\n`;
    this.#due.push(step);
  }

  #becomeReady(): void {
    this.#state = 'ready';
    this.#events.push({ kind: 'ready' });
  }

  #wantTls(): void {
    if (this.#replies.hasUnread) {
      this.#fail('SMTP_STARTTLS_INJECTION', INJECTED);
      return;
    }
    this.#state = 'tls';
    this.#events.push({ kind: 'tls-wanted' });
  }

  #running(what: string): MailExchange {
    if (this.#state === 'busy' && this.#exchange !== undefined) return this.#exchange;
    throw misuse(`${what} needs a transaction.`);
  }

  /** False = bytes wait that nobody asked for, and the session has failed in that phase. */
  #isQuiet(phase: SmtpPhase): boolean {
    if (!this.#replies.hasUnread) return true;
    this.#phase = phase;
    this.#fail('SMTP_REPLY_UNEXPECTED', 'Bytes came before they were asked for.');
    return false;
  }

  /** A failure outside of a reply: the phase is the current one. */
  #failNow(code: SmtpErrorCode, message: string): void {
    this.#phase = this.phase;
    this.#fail(code, message);
  }

  #fail(code: SmtpErrorCode, message: string, reply?: SmtpReply): void {
    this.#state = 'failed';
    this.#due.clear();
    this.#output = '';
    this.#exchange = undefined;
    const phase = this.#phase;
    this.#events.push({
      kind: 'session-failed',
      phase,
      code,
      message,
      ...(reply !== undefined && { reply }),
    });
  }
}

function misuse(message: string): SmtpProtocolError {
  return new SmtpProtocolError('SMTP_ENGINE_MISUSE', message);
}
