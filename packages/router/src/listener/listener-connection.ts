/**
 * One client connection: moves bytes between a socket and the protocol engine, and questions between
 * the engine and the session handler. It decides nothing about mail.
 *
 * States, changed by `#moveTo` only:
 * - `reading`  events are taken from the engine and the socket is read;
 * - `securing` TLS is being made; the socket belongs to the handshake and the client has a deadline;
 * - `asking`   the handler owes an answer, or room for content; nothing is processed meanwhile;
 * - `closing`  the last reply is written; input is thrown away until the peer closes too, so that the
 *              reply is not lost to a reset;
 * - `closed`   the socket is gone.
 *
 * Back-pressure: a chunk that comes while nothing may be processed (asking, or the peer does not read
 * our replies) is held, and the socket is paused; so one chunk and what Node buffers is all that a
 * client can make us keep. The socket is not paused before that, since a client that waits for a
 * reply costs nothing.
 */
import type { Duplex } from 'node:stream';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import { type SmtpServerEvent, SmtpServerSession } from '@smtp-router/smtp/server';
import type { Clock } from '../clock.ts';
import type { RouterErrorCode } from '../errors.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { AddressSlot } from './address-slots.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import type { ConnectionOptions } from './listener-options.ts';
import { localFault, shuttingDown, timedOut } from './listener-reply.ts';
import type { Answer, ConnectionFacts, SessionHandler } from './session-handler.ts';
import { acceptTls, type TlsOutcome } from './tls-upgrade.ts';

/** How long a peer may take to close its side after our last reply. */
const LINGER_MS = 2_000;
const NEVER = Number.POSITIVE_INFINITY;

const TLS_FAILED: RouterErrorCode = 'ROUTER_CLIENT_TLS_FAILED';

type ConnectionState = 'reading' | 'securing' | 'asking' | 'closing' | 'closed';
/** What the engine asks; `content` asks for room only. */
type Question = 'auth' | 'mail' | 'rcpt' | 'data' | 'content' | 'content-end';

/** What a connection is made of. The connection owns the socket and calls the handler until `closed`. */
export interface ConnectionParts {
  readonly socket: Duplex;
  readonly facts: ConnectionFacts;
  readonly handler: SessionHandler;
  readonly options: ConnectionOptions;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Given back at the login or when the socket is gone; absent = nobody counts. */
  readonly addressSlot?: AddressSlot;
  /** The socket is gone. */
  readonly onClosed: (connection: ListenerConnection) => void;
}

/** A connection from its first byte to its last. */
export class ListenerConnection {
  readonly #parts: ConnectionParts;
  /** The stream of TLS once that has begun. */
  #socket: Duplex;
  readonly #handler: SessionHandler;
  readonly #session: SmtpServerSession;
  readonly #timer: DeadlineTimer;
  #state: ConnectionState = 'reading';
  /** A chunk received while nothing could be processed; the socket is paused while there is one. */
  #held: Uint8Array | undefined;
  /** Last reply or piece of content; client deadlines count from here. */
  #progressAt: number;
  /** Defined from the positive reply to MAIL to the end of the transaction. */
  #transactionStartedAt: number | undefined;
  #isDraining: boolean = false;
  #messages = 0;
  #closeReason = '';

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#socket = parts.socket;
    this.#handler = parts.handler;
    this.#session = new SmtpServerSession(parts.options.session);
    this.#timer = new DeadlineTimer(parts.clock, () => this.#expire());
    this.#progressAt = parts.clock.now();
  }

  /** Sends the greeting and begins to read. */
  open(): void {
    this.#socket.on('close', this.#onClosed);
    if (this.#parts.options.tls?.isImplicit === true) {
      this.#secure();
      return;
    }
    this.#listen();
    this.#guard(() => this.#session.greet());
    this.#proceed();
  }

  /** Reads what waits too: whoever read the first bytes of the connection has paused it. */
  #listen(): void {
    this.#socket
      .on('data', this.#onData)
      .on('drain', this.#onMoved)
      .on('end', this.#onMoved)
      .on('error', this.#onError)
      .resume();
  }

  /** No further mail transaction: an idle session hears 421 now, others after the one they are in. */
  drain(): void {
    this.#isDraining = true;
    if (this.#state === 'reading' && this.#transactionStartedAt === undefined) this.#endWith(shuttingDown);
  }

  /** Drops the connection without a word. */
  destroy(): void {
    this.#closeReason ||= 'dropped';
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#state === 'closing') return;
    if (this.#mayProcess()) {
      this.#receive(chunk);
      this.#proceed();
      return;
    }
    this.#held = chunk;
    this.#socket.pause();
  };

  readonly #onMoved = (): void => this.#proceed();

  #mayProcess(): boolean {
    return this.#state === 'reading' && !this.#socket.writableNeedDrain;
  }

  #receive(chunk: Uint8Array): void {
    if (this.#session.phase === 'content') this.#progressAt = this.#parts.clock.now();
    this.#guard(() => this.#session.receive(chunk));
  }

  /** Goes on as far as possible: events, the held chunk, the end of input; then writes once. */
  #proceed(): void {
    while (this.#mayProcess() && this.#step()) {
      // Each step makes progress or ends the loop.
    }
    this.#flush();
    this.#timer.moveTo(this.#deadline());
  }

  /** One event, or the held chunk; false when there is nothing to do. */
  #step(): boolean {
    const event = this.#nextEvent();
    if (event !== undefined) {
      this.#handle(event);
      return true;
    }
    if (this.#held !== undefined) {
      const chunk = this.#held;
      this.#held = undefined;
      this.#receive(chunk);
      this.#socket.resume();
      return true;
    }
    if (this.#socket.readableEnded) this.#close('peer-gone');
    return false;
  }

  #nextEvent(): SmtpServerEvent | undefined {
    try {
      return this.#session.nextEvent();
    } catch (error) {
      this.#breakDown(error);
      return undefined;
    }
  }

  #handle(event: SmtpServerEvent): void {
    switch (event.kind) {
      case 'hello':
        this.#transactionStartedAt = undefined;
        this.#guard(() => this.#handler.hello(event.domain, event.verb));
        return;
      case 'auth':
        this.#ask('auth', () => this.#handler.auth(event));
        return;
      case 'mail':
        this.#ask('mail', () => this.#handler.mail(event));
        return;
      case 'rcpt':
        this.#ask('rcpt', () => this.#handler.rcpt(event));
        return;
      case 'data':
        this.#ask('data', () => this.#handler.data());
        return;
      case 'content':
        this.#giveContent(event.bytes);
        return;
      case 'content-end':
        this.#ask('content-end', () => this.#handler.contentEnd(event));
        return;
      case 'reset':
        this.#transactionStartedAt = undefined;
        this.#guard(() => this.#handler.reset());
        this.#drainWhenIdle();
        return;
      case 'protocol-error':
        this.#guard(() => this.#handler.protocolError(event.code, event.message));
        return;
      case 'close':
        this.#close(event.reason);
        return;
      case 'starttls':
        this.#startTls();
        return;
    }
  }

  /**
   * Whatever waits behind STARTTLS, held here or in the socket, came in clear: then TLS does not begin,
   * and the engine, which gets it as always, refuses it and ends the session.
   */
  #startTls(): void {
    if (this.#held === undefined && this.#socket.readableLength === 0) this.#secure();
  }

  /** Everything said so far leaves in clear, then the socket belongs to TLS. */
  #secure(): void {
    this.#flush();
    const context = this.#parts.options.tls?.material.secureContext;
    if (context === undefined) {
      this.#breakDown(new Error('TLS began on a listener without certificate'));
      return;
    }
    const plain = this.#socket
      .off('data', this.#onData)
      .off('drain', this.#onMoved)
      .off('end', this.#onMoved)
      .off('error', this.#onError)
      .off('close', this.#onClosed)
      .pause();
    this.#moveTo('securing');
    this.#progressAt = this.#parts.clock.now();
    this.#socket = acceptTls(plain, context, (outcome) => this.#onTlsSettled(outcome));
    this.#socket.on('close', this.#onClosed);
    this.#timer.moveTo(this.#deadline());
  }

  #onTlsSettled(outcome: TlsOutcome): void {
    if (this.#state !== 'securing') return;
    if (outcome !== 'secured') {
      if (outcome !== 'gone') this.#failTls(wordOf(outcome));
      return;
    }
    this.#moveTo('reading');
    this.#progressAt = this.#parts.clock.now();
    this.#listen();
    this.#guard(() => this.#beginInTls());
    this.#drainWhenIdle();
    this.#proceed();
  }

  #beginInTls(): void {
    if (this.#session.phase !== 'tls') {
      this.#session.greet();
      return;
    }
    this.#session.tlsStarted();
    this.#handler.tlsStarted();
  }

  #failTls(why: string): void {
    if (this.#closeReason === '') this.#reportTlsFailure(why);
    this.#socket.destroy();
  }

  #reportTlsFailure(why: string): void {
    this.#closeReason = `tls failed: ${why}`;
    this.#guard(() => this.#handler.protocolError(TLS_FAILED, `TLS with the client failed: ${why}`));
  }

  #ask(question: Question, askHandler: () => Answer): void {
    let answer: Answer;
    try {
      answer = askHandler();
    } catch (error) {
      answer = this.#faultReply(question, error);
    }
    if (!(answer instanceof Promise)) {
      this.#answer(question, answer);
      return;
    }
    this.#moveTo('asking');
    this.#flush();
    answer.then(
      (reply) => this.#answerLate(question, reply),
      (error: unknown) => this.#answerLate(question, this.#faultReply(question, error)),
    );
  }

  #answerLate(question: Question, reply: SmtpReply): void {
    if (this.#state !== 'asking') return;
    this.#moveTo('reading');
    this.#answer(question, reply);
    this.#proceed();
  }

  #answer(question: Question, reply: SmtpReply): void {
    if (reply.code === 421) {
      this.#endWith(() => reply);
      return;
    }
    this.#guard(() => this.#session.answer(reply));
    if (question === 'auth' && reply.code < 300) this.#parts.addressSlot?.giveBack();
    if (question === 'mail' && reply.code < 300) this.#transactionStartedAt = this.#parts.clock.now();
    if (question === 'content-end') {
      this.#messages += 1;
      this.#transactionStartedAt = undefined;
    }
    this.#drainWhenIdle();
  }

  #giveContent(bytes: Uint8Array): void {
    let room: void | Promise<void>;
    try {
      room = this.#handler.content(bytes);
    } catch (error) {
      this.#breakDown(error);
      return;
    }
    if (!(room instanceof Promise)) return;
    this.#moveTo('asking');
    room.then(
      () => this.#roomMade(),
      (error: unknown) => this.#breakDown(error),
    );
  }

  /** The time it took is not the client's: none of its deadlines counts it. */
  #roomMade(): void {
    if (this.#state !== 'asking') return;
    this.#moveTo('reading');
    const now = this.#parts.clock.now();
    if (this.#transactionStartedAt !== undefined) this.#transactionStartedAt += now - this.#progressAt;
    this.#progressAt = now;
    this.#proceed();
  }

  #drainWhenIdle(): void {
    if (this.#isDraining && this.#transactionStartedAt === undefined) this.#endWith(shuttingDown);
  }

  /** One write for everything the engine has to say. */
  #flush(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    const output = this.#session.takeOutput();
    if (output === undefined) return;
    this.#progressAt = this.#parts.clock.now();
    if (this.#socket.writable) this.#socket.write(output, 'latin1');
  }

  #deadline(): number {
    const { timeouts } = this.#parts.options;
    if (this.#state === 'closing') return this.#progressAt + LINGER_MS;
    if (this.#state === 'securing') return this.#progressAt + timeouts.clientTlsMs;
    if (this.#state !== 'reading') return NEVER;
    const isContent = this.#session.phase === 'content';
    const idleAt = this.#progressAt + (isContent ? timeouts.clientDataMs : timeouts.clientCommandMs);
    if (this.#transactionStartedAt === undefined) return idleAt;
    return Math.min(idleAt, this.#transactionStartedAt + timeouts.transactionMs);
  }

  #expire(): void {
    if (this.#state === 'closing') this.#socket.destroy();
    else if (this.#state === 'securing') this.#failTls('timeout');
    else if (this.#state === 'reading') this.#endWith(timedOut, 'timeout');
  }

  /** The engine says the last word and the connection closes. */
  #endWith(reply: (hostname: string) => SmtpReply, reason?: string): void {
    this.#closeReason ||= reason ?? '';
    this.#guard(() => this.#session.shutdown(reply(this.#parts.options.session.hostname)));
    this.#close('shutdown');
  }

  #close(reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#closeReason ||= reason;
    this.#held = undefined;
    this.#flush();
    this.#moveTo('closing');
    this.#progressAt = this.#parts.clock.now();
    this.#timer.moveTo(this.#deadline());
    this.#socket.end();
    this.#socket.resume();
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#closeReason ||= `socket error ${error.code ?? error.message}`;
  };

  readonly #onClosed = (): void => {
    if (this.#state === 'closed') return;
    this.#closeReason ||= 'peer-gone';
    this.#moveTo('closed');
    this.#timer.stop();
    this.#held = undefined;
    this.#guard(() => this.#handler.closed(this.#closeReason));
    const { events, facts, onClosed } = this.#parts;
    events.emit({
      kind: 'session-closed',
      sessionId: facts.sessionId,
      listener: facts.listener,
      reason: this.#closeReason,
      messages: this.#messages,
    });
    this.#parts.addressSlot?.giveBack();
    onClosed(this);
  };

  #moveTo(state: ConnectionState): void {
    this.#state = state;
  }

  /** A defect in a handler costs the client one 451, not the session. */
  #faultReply(question: Question, error: unknown): SmtpReply {
    this.#report(question, error);
    return localFault(this.#parts.options.session.hostname);
  }

  /** Runs a step that cannot be answered by a reply; a defect there ends the connection. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#breakDown(error);
    }
  }

  #breakDown(error: unknown): void {
    this.#report('session', error);
    this.#closeReason ||= 'internal fault';
    this.#socket.destroy();
  }

  #report(step: string, error: unknown): void {
    this.#parts.events.emit({
      kind: 'internal-fault',
      where: `listener: ${step} of session ${this.#parts.facts.sessionId}`,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Codes of OpenSSL say it in a word; its sentences name lines of its source. */
function wordOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
