/**
 * yamux on a socket: the session engine, fed by the socket and written to it.
 *
 * Everything one turn of the event loop wants to send leaves in one write; while the socket is full the
 * rest waits in the engine, which bounds it. When the socket ends, for whatever reason, every stream hears
 * of it at once and `closed` settles: nothing on a dead connection waits for a time-out.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { YamuxEvent } from '../yamux/yamux-event.ts';
import type { YamuxLimits } from '../yamux/yamux-limits.ts';
import { YamuxSession } from '../yamux/yamux-session.ts';
import { type DeadlineSource, DeadlineTimer } from './deadline-timer.ts';
import { MuxStream, type StreamCarrier } from './mux-stream.ts';

export interface YamuxConnectionOptions {
  readonly role: 'host' | 'plugin';
  readonly clock: Clock;
  readonly limits?: Partial<YamuxLimits>;
  /** A stream the peer opened; it was acknowledged. */
  onStream(stream: MuxStream): void;
}

/** Milliseconds a socket may take to write out what is left, and its peer to end, when the connection closes. */
const LINGER_MS = 1000;

export class YamuxConnection implements DeadlineSource, StreamCarrier {
  readonly timer: DeadlineTimer;
  readonly session: YamuxSession;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #onStream: (stream: MuxStream) => void;
  readonly #streams = new Map<number, MuxStream>();
  readonly #closed = Promise.withResolvers<PluginError | undefined>();
  /** Those who wait for `open-possible`. */
  #openWaiters: PromiseWithResolvers<void>[] = [];
  #isFlushScheduled: boolean = false;
  #isSocketFull: boolean = false;
  #end: { readonly cause: PluginError | undefined } | undefined;

  constructor(socket: Duplex, options: YamuxConnectionOptions) {
    this.#socket = socket;
    this.#clock = options.clock;
    this.#onStream = options.onStream;
    this.timer = new DeadlineTimer(options.clock);
    this.session = new YamuxSession({
      role: options.role,
      now: options.clock.now(),
      ...(options.limits && { limits: options.limits }),
    });
    this.timer.add(this);
    this.#attach();
  }

  /** Settles once when the connection is over: with the cause, or undefined after `close`. */
  get closed(): Promise<PluginError | undefined> {
    return this.#closed.promise;
  }

  /** Why the connection is over, as an error for those who still want something of it. */
  get endError(): PluginError | undefined {
    return this.#end && connectionOver(this.#end.cause);
  }

  now(): number {
    return this.#clock.now();
  }

  deadline(): number | undefined {
    return this.session.deadline();
  }

  tick(now: number): void {
    this.session.tick(now);
    this.#dispatch();
    this.wake();
  }

  /**
   * Opens a stream. Throws `YAMUX_OPEN_REFUSED` when none can be opened, also when only too many are
   * unacknowledged at this moment, and `endError` once the connection is over.
   */
  open(): MuxStream {
    const result = this.session.open(this.now());
    if (result.kind === 'refused') throw this.#refused(result.reason);
    return this.#opened(result.streamId);
  }

  /** Opens a stream, waiting while too many are unacknowledged. */
  async openInTurn(): Promise<MuxStream> {
    for (;;) {
      const result = this.session.open(this.now());
      if (result.kind === 'opened') return this.#opened(result.streamId);
      if (result.reason !== 'backlog-full') throw this.#refused(result.reason);
      const waiter = Promise.withResolvers<void>();
      this.#openWaiters.push(waiter);
      await waiter.promise;
    }
  }

  #opened(streamId: number): MuxStream {
    const stream = new MuxStream(streamId, this);
    this.#streams.set(streamId, stream);
    this.timer.look(this);
    this.wake();
    return stream;
  }

  /** Has the session's output written at the end of this turn. */
  wake(): void {
    if (this.#isFlushScheduled || this.#isSocketFull) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  forget(stream: MuxStream): void {
    this.#streams.delete(stream.id);
  }

  /** Streams with something still to come. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Writes everything now; `written` runs when the system has taken it or the socket is gone. */
  flush(written: () => void): void {
    this.#flush();
    if (this.#socket.writable) this.#socket.write(new Uint8Array(0), () => written());
    else written();
  }

  /** Ends the connection because the peer is at fault beyond what yamux sees. Idempotent. */
  fail(cause: PluginError): void {
    this.#over(cause);
  }

  /** Writes what is left and ends the connection, without a go-away frame. Idempotent. */
  close(): void {
    this.#over(undefined);
  }

  #attach(): void {
    this.#socket.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    this.#socket.on('drain', () => {
      this.#isSocketFull = false;
      this.#flush();
    });
    this.#socket.on('end', () => this.#lost('the peer closed it', undefined));
    this.#socket.on('error', (error) => this.#lost(error.message, error));
    this.#socket.on('close', () => this.#lost('it was closed', undefined));
  }

  #receive(bytes: Uint8Array): void {
    this.session.receive(bytes, this.now());
    this.#dispatch();
    if (this.session.outputLength > 0) this.wake();
  }

  #dispatch(): void {
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      this.#handle(event);
    }
  }

  #handle(event: YamuxEvent): void {
    switch (event.kind) {
      case 'stream':
        this.session.accept(event.streamId);
        this.#onStream(this.#opened(event.streamId));
        return;
      case 'data':
        this.#streams.get(event.streamId)?.onData(event.bytes);
        return;
      case 'end':
        this.#streams.get(event.streamId)?.onEnd();
        return;
      case 'drained':
        this.#streams.get(event.streamId)?.onDrained();
        return;
      case 'reset':
        this.#streams.get(event.streamId)?.onClosed(event.error);
        this.#streams.delete(event.streamId);
        return;
      case 'open-possible':
        this.#wakeOpenWaiters();
        return;
      case 'ended':
        if (event.error !== undefined) this.#over(event.error);
        return;
      case 'go-away':
      case 'pong':
        return;
    }
  }

  #flush(): void {
    while (!this.#isSocketFull && this.#socket.writable) {
      const bytes = this.session.takeOutput();
      if (bytes === undefined) break;
      this.#isSocketFull = !this.#socket.write(bytes);
    }
    this.#dispatch();
  }

  #refused(reason: string): PluginError {
    return this.endError ?? new PluginError('YAMUX_OPEN_REFUSED', `No stream can be opened: ${reason}.`);
  }

  #wakeOpenWaiters(): void {
    const waiters = this.#openWaiters;
    this.#openWaiters = [];
    for (const waiter of waiters) waiter.resolve();
  }

  #lost(what: string, cause: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#over(
      new PluginError('PLUGIN_CONNECTION_LOST', `The connection to the peer ended: ${what}.`, { cause }),
    );
  }

  /** The one end of every connection. */
  #over(cause: PluginError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { cause };
    this.timer.stop();
    this.session.close();
    this.#isSocketFull = false;
    this.#flush();
    this.#release();
    const error = connectionOver(cause);
    for (const stream of this.#streams.values()) stream.onClosed(error);
    this.#streams.clear();
    this.#wakeOpenWaiters();
    this.#closed.resolve(cause);
  }

  /**
   * Lets the socket write what it has and the peer end its side, for a bounded time. Destroying it at once,
   * with bytes unread, would take ours from the peer.
   */
  #release(): void {
    if (this.#socket.destroyed) return;
    const cancel = this.#clock.schedule(LINGER_MS, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
    this.#socket.end();
  }
}

function connectionOver(cause: PluginError | undefined): PluginError {
  if (cause === undefined) return new PluginError('PLUGIN_CLOSED', 'The connection was closed.');
  if (cause.code === 'PLUGIN_CONNECTION_LOST') return cause;
  return new PluginError('PLUGIN_CONNECTION_LOST', `The connection was given up: ${cause.message}`, {
    cause,
  });
}
