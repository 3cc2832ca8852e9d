/**
 * One connection to a downstream: a socket, the protocol engine that speaks over it, and one timer.
 *
 * Its user asks for events one after the other (`next`) and writes; everything that can go wrong
 * (time-out, reset, close, an engine that gives up) becomes the one `failure` of the connection,
 * which ends every wait. States: active ⇄ resting → leaving → closed; whatever fails goes
 * to closed at once. While resting nobody asks for events: any byte then is a reason to close.
 */
import type {
  SmtpClientEvent,
  SmtpClientSession,
  SmtpExtensions,
  SmtpPhase,
  SmtpTransaction,
} from '@smtp-router/smtp/client';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import type { Clock } from '../clock.ts';
import type { AttemptLimit } from './attempt-limit.ts';
import type { FailedEnd } from './attempt-report.ts';
import type { DownstreamTimeouts } from './downstream-options.ts';
import { DownstreamSocket } from './downstream-socket.ts';
import type { OpeningFailure } from './opening-failure.ts';
import { PhaseTimer, type TimeoutCause } from './phase-timer.ts';
import type { SocketTarget, TlsTarget } from './socket-opening.ts';

/** For so long after its last word a peer is taken to be there still. */
const WARM_MS = 1_000;

/** What a connection is made with. */
export interface ConnectionOptions {
  /** Names the downstream in messages: `ses (email-smtp.example:587)`. */
  readonly label: string;
  readonly clock: Clock;
  readonly timeouts: DownstreamTimeouts;
  /** From the first reuse on. */
  readonly keptTimeouts: DownstreamTimeouts;
  /** Called once, as soon as the connection must not be used any more; the socket may still be closing. */
  readonly onRetired: (connection: DownstreamConnection) => void;
}

/** What a user of the connection gets to know: the engine's events, then at last the failure. */
export type ConnectionEvent = SmtpClientEvent | { readonly kind: 'broken'; readonly failure: FailedEnd };

/** While nobody waits. */
const NOBODY = (): void => {};

type State = 'active' | 'resting' | 'leaving' | 'closed';

export class DownstreamConnection {
  readonly #options: ConnectionOptions;
  readonly #timer: PhaseTimer;
  readonly #socket: DownstreamSocket;
  readonly #closed = Promise.withResolvers<void>();
  #state: State = 'active';
  #session: SmtpClientSession | undefined;
  /** Phase of whatever comes before the engine, or instead of it; undefined while the engine knows. */
  #ownPhase: SmtpPhase | undefined = 'connect';
  /** Phase the timer was last set for. */
  #timedPhase: SmtpPhase | undefined;
  #isReady: boolean = false;
  #transactions = 0;
  #isWritingContent: boolean = false;
  /** An event that came while content was being written, for `next`. */
  #early: SmtpClientEvent | undefined;
  #restingSince = 0;
  /** The peer was heard a moment ago. */
  #isWarm: boolean = true;
  #limit: AttemptLimit | undefined;
  #failure: FailedEnd | undefined;
  /** Called once when something happened. */
  #wake: () => void = NOBODY;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#timer = new PhaseTimer({
      clock: options.clock,
      timeouts: options.timeouts,
      onDue: (cause) => this.#onDue(cause),
    });
    this.#socket = new DownstreamSocket({
      onData: (bytes) => this.#receive(bytes),
      onDrain: () => this.#tellNews(),
      onLost: (what) => this.fail('ROUTER_CONNECTION_LOST', what),
      onClosed: () => this.#closed.resolve(),
    });
  }

  /** Names the downstream in messages. */
  get label(): string {
    return this.#options.label;
  }

  /** Where the connection stands; the last phase once it is closed. */
  get phase(): SmtpPhase {
    return this.#ownPhase ?? this.#session?.phase ?? 'connect';
  }

  /** Why it cannot be used any more. */
  get failure(): FailedEnd | undefined {
    return this.#failure;
  }

  /** What the downstream offers; undefined before its EHLO was answered. */
  get extensions(): SmtpExtensions | undefined {
    return this.#session?.extensions;
  }

  /** Mail transactions begun on it. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Settles when the socket is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Address of the peer, '' before TCP is connected. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress;
  }

  /** An attempt uses the connection from now on; undefined = it has ended. */
  setLimit(limit: AttemptLimit | undefined): void {
    this.#limit = limit;
    this.#timer.setLimit(limit);
  }

  /** Makes TCP. False = `failure` says why. */
  async connect(target: SocketTarget): Promise<boolean> {
    this.#enter('connect');
    return this.#isOpened(await this.#socket.connect(target));
  }

  /** Makes TLS over the socket. False = `failure` says why. */
  async secure(target: TlsTarget): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    this.#enter('tls');
    return this.#isOpened(await this.#socket.secure(target));
  }

  /** The engine takes over: bytes flow both ways. */
  start(session: SmtpClientSession): void {
    this.#session = session;
    this.#resumeEngine();
  }

  /** STARTTLS is done; the engine begins anew. */
  tlsStarted(): void {
    this.#session?.tlsStarted();
    this.#resumeEngine();
  }

  /**
   * Content may leave before any answer: the attempt has time left, and the peer was just heard. One that
   * may have gone meanwhile is asked first: content that meets nobody has an unknown end.
   */
  get canSendAtOnce(): boolean {
    return this.#isWarm && this.#limit?.isOver !== true;
  }

  /**
   * A transaction begins; only after `untilReady` answered true. `content` is written with the envelope
   * when the transaction says so (`chunkBytes`).
   */
  begin(transaction: SmtpTransaction, content?: readonly Uint8Array[]): void {
    this.#isReady = false;
    this.#transactions += 1;
    this.#session?.begin(transaction);
    if (content !== undefined) this.#flushWith(content);
  }

  /** Goes on with a transaction held before DATA. */
  sendData(): void {
    this.#session?.sendData();
  }

  /** Gives up a transaction held before DATA. */
  abort(): void {
    this.#session?.abort();
    this.flush();
  }

  /** Asks whether the downstream is still there; `untilReady` tells. */
  reset(): void {
    this.#isReady = false;
    this.#session?.reset();
  }

  /** True = a transaction may begin; false = it never may again; undefined = the downstream has not said yet. */
  readyNow(): boolean | undefined {
    while (!this.#isReady) {
      const event = this.nextNow();
      if (event === undefined) return undefined;
      if (event.kind === 'session-failed' || event.kind === 'broken') return false;
    }
    return this.#failure === undefined;
  }

  /** The same, as soon as it is known. */
  async untilReady(): Promise<boolean> {
    for (;;) {
      const isReady = this.readyNow();
      if (isReady !== undefined) return isReady;
      await this.#news();
    }
  }

  /** The next event; writes what the engine has to say before it waits. */
  async next(): Promise<ConnectionEvent> {
    for (;;) {
      const event = this.nextNow();
      if (event !== undefined) return event;
      await this.#news();
    }
  }

  /** The next event if there is one without waiting; otherwise what the engine has to say is written. */
  nextNow(): ConnectionEvent | undefined {
    const event = this.#takeEvent();
    if (event !== undefined) {
      this.#followEvent(event);
      return event;
    }
    if (this.#failure !== undefined) return { kind: 'broken', failure: this.#failure };
    this.flush();
    this.#followPhase();
    return undefined;
  }

  /**
   * Calls `wake` once, when `nextNow` may have an event: bytes came, writing may go on, or the connection
   * failed. Nobody else waits for the connection meanwhile.
   */
  onNews(wake: () => void): void {
    this.#wake = wake;
  }

  /** Writes what the engine has to say. */
  flush(): void {
    const output = this.#session?.takeOutput();
    if (output !== undefined && this.#failure === undefined) this.#socket.writeText(output);
  }

  /**
   * Writes pieces of content in one go and waits until the peer keeps up. False = stop writing: the
   * next event says why.
   */
  async writeContent(pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    this.#isWritingContent = true;
    this.#enter('data');
    this.#socket.write(pieces);
    if (this.#socket.isFull) await this.#news();
    return !this.#socket.isFull && this.#isSilent();
  }

  /**
   * The last pieces with the end of data: from here on only an answer can tell what became of it. Not
   * written when the downstream has spoken meanwhile; then nothing can have become of it.
   */
  endContent(pieces: readonly Uint8Array[]): void {
    this.#isWritingContent = false;
    if (!this.#isSilent()) return;
    this.#session?.contentSent();
    if (!this.#isSilent()) {
      this.#ownPhase = 'data';
      return;
    }
    this.#followPhase();
    this.#socket.write(pieces);
  }

  /** Back to work after `rest`; answers how long it rested, in milliseconds. */
  wakeUp(): number {
    if (this.#state === 'resting') this.#state = 'active';
    this.#timer.setTimeouts(this.#options.keptTimeouts);
    const restedMs = this.#options.clock.now() - this.#restingSince;
    this.#isWarm = restedMs <= WARM_MS;
    return restedMs;
  }

  /** Nothing under way; the connection says QUIT by itself after that time. */
  rest(durationMs: number): void {
    if (this.#failure !== undefined) return;
    this.#state = 'resting';
    this.#restingSince = this.#options.clock.now();
    this.#timedPhase = undefined;
    this.#timer.setLimit(undefined);
    this.#timer.rest(durationMs);
  }

  /** Says QUIT and closes; `closed` tells when. */
  leave(): void {
    if (this.#state === 'leaving' || this.#failure !== undefined) return;
    this.#state = 'leaving';
    this.#options.onRetired(this);
    this.#timer.setLimit(undefined);
    this.#session?.quit();
    this.flush();
    this.#socket.end();
    this.#timer.enter('quit');
  }

  /** Closes without a word. */
  destroy(): void {
    this.fail('ROUTER_DOWNSTREAM_CLOSED', 'was let go');
  }

  /** Ends the connection; the first reason stays. `what` continues a sentence that begins with the downstream. */
  fail(code: string, what: string, reply?: SmtpReply): void {
    if (this.#failure !== undefined) return;
    this.#failure = {
      kind: 'failed',
      phase: this.phase,
      code,
      message: `Downstream ${this.#options.label} ${what}.`,
      ...(reply !== undefined && { reply }),
    };
    this.#ownPhase = this.#failure.phase;
    if (this.#state !== 'leaving') this.#options.onRetired(this);
    this.#state = 'closed';
    this.#timer.stop();
    this.#socket.destroy();
    this.#tellNews();
  }

  /** Ends it if it is still being made: its downstream was found to be down meanwhile. */
  cutConnecting(): void {
    if (this.#ownPhase === 'connect')
      this.fail('ROUTER_DOWNSTREAM_DOWN', 'went down while it was connected to');
  }

  /** Something of ours threw: the connection is given up wherever it stands. */
  failByDefect(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.fail('ROUTER_INTERNAL', `was given up, the router failed: ${reason}`);
  }

  /** Envelope and content in one write; without the envelope nothing may leave. */
  #flushWith(content: readonly Uint8Array[]): void {
    const output = this.#session?.takeOutput();
    if (output !== undefined && this.#failure === undefined) this.#socket.write(content, output);
  }

  #isOpened(failure: OpeningFailure | undefined): boolean {
    if (failure !== undefined) this.fail(failure.code, failure.what);
    return this.#failure === undefined;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'leaving' || this.#failure !== undefined) return;
    if (this.#state === 'resting') {
      this.fail('ROUTER_UNEXPECTED_BYTES', 'spoke without being asked');
      return;
    }
    this.#session?.receive(bytes);
    this.#tellNews();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.onNews(resolve));
  }

  #tellNews(): void {
    const wake = this.#wake;
    this.#wake = NOBODY;
    wake();
  }

  /** An engine that throws is a defect; it must cost one connection, not the process. */
  #takeEvent(): SmtpClientEvent | undefined {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) return early;
    try {
      return this.#session?.nextEvent();
    } catch (error) {
      this.failByDefect(error);
      return undefined;
    }
  }

  /** False = the peer spoke before the end of data, or is gone: nothing it says can mean this message. */
  #isSilent(): boolean {
    this.#early ??= this.#takeEvent();
    return this.#early === undefined && this.#failure === undefined;
  }

  #enter(phase: SmtpPhase): void {
    this.#timedPhase = phase;
    if (this.#session === undefined || phase === 'tls') this.#ownPhase = phase;
    this.#timer.enter(phase);
  }

  #resumeEngine(): void {
    this.#socket.listen();
    this.#ownPhase = undefined;
    this.#timedPhase = undefined;
    this.#followPhase();
  }

  /** Each phase of the engine has its own time-out, set when it begins. */
  #followPhase(): void {
    const phase = this.phase;
    if (phase !== this.#timedPhase) this.#enter(phase);
  }

  /** Every RCPT has the whole time-out (RFC 5321 §4.5.3.2.3). */
  #followEvent(event: SmtpClientEvent): void {
    if (event.kind === 'ready') {
      this.#isReady = true;
      this.#isWarm = true;
    }
    if (event.kind === 'recipient-reply') this.#timedPhase = undefined;
    if (event.kind !== 'session-failed') return;
    this.fail(event.code, `failed: ${event.message.replace(/\.$/, '')}`, event.reply);
  }

  #onDue(cause: TimeoutCause): void {
    if (this.#state === 'resting') this.leave();
    else if (this.#state === 'leaving') this.destroy();
    else if (cause === 'limit')
      this.fail('ROUTER_BUDGET_ENDED', 'had not taken the message when its time ended');
    else this.#failByTimeout();
  }

  #failByTimeout(): void {
    if (this.phase === 'connect')
      this.fail('ROUTER_CONNECT_TIMEOUT', 'does not answer the connection request');
    else if (this.phase === 'tls') this.fail('ROUTER_TLS_TIMEOUT', 'does not complete the TLS handshake');
    else if (this.#isWritingContent) this.fail('ROUTER_CONTENT_STALLED', 'stopped reading the message');
    else this.fail('ROUTER_REPLY_TIMEOUT', `does not answer (phase ${this.phase})`);
  }
}
