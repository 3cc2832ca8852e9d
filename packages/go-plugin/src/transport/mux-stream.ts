import type { PluginError } from '../errors.ts';
import type { YamuxSession } from '../yamux/yamux-session.ts';

/** Whoever reads a stream. Nothing is called after `closed`. */
export interface StreamOwner {
  /** Bytes of the peer, the owner's to keep; it says by `stream.consumed` when they are used up. */
  data(bytes: Uint8Array): void;
  /** The peer sends no more. */
  end(): void;
  /** The stream is gone before both sides had ended it. */
  closed(error: PluginError): void;
}

/** What happened while a stream had no owner. */
type Early =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'closed'; readonly error: PluginError };

/** The session a stream belongs to, as far as the stream needs it. */
export interface StreamCarrier {
  readonly session: YamuxSession;
  now(): number;
  /** Says that output waits to be written. */
  wake(): void;
  /** Says that nothing more will come of the stream. */
  forget(stream: MuxStream): void;
}

/**
 * One stream of a connection. It may change owners, as when the broker has read the first four bytes; what
 * comes while there is none is kept, which the stream's window bounds.
 */
export class MuxStream {
  readonly id: number;
  readonly #carrier: StreamCarrier;
  #owner: StreamOwner | undefined;
  #early: Early[] = [];
  #drained: PromiseWithResolvers<void> | undefined;
  #isClosed: boolean = false;
  #isFinished: boolean = false;
  #hasEnded: boolean = false;

  constructor(id: number, carrier: StreamCarrier) {
    this.id = id;
    this.#carrier = carrier;
  }

  /** Gives the stream to `owner`, with everything nobody has read yet. */
  setOwner(owner: StreamOwner): void {
    this.#owner = owner;
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#deliver(event);
  }

  /** Puts bytes back that are for the next owner, and leaves the stream without one. */
  disown(unread: Uint8Array): void {
    this.#owner = undefined;
    if (unread.length > 0) this.#early.unshift({ kind: 'data', bytes: unread });
  }

  /**
   * Sends a copy of `bytes`; false when some wait for the peer, see `drained`. Throws
   * `YAMUX_STREAM_CLOSED`, `YAMUX_SESSION_ENDED`, and `YAMUX_SEND_QUEUE_FULL` with nothing sent.
   */
  write(bytes: Uint8Array): boolean {
    const isSent = this.#carrier.session.send(this.id, bytes);
    this.#carrier.wake();
    return isSent;
  }

  /** Settles when nothing waits any more, or the stream is gone. */
  drained(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#drained ??= Promise.withResolvers<void>();
    return this.#drained.promise;
  }

  /** Lets the peer send more, `byteCount` bytes having been used up. */
  consumed(byteCount: number): void {
    const { session } = this.#carrier;
    session.consumed(this.id, byteCount);
    if (session.outputLength > 0) this.#carrier.wake();
  }

  /** Ends our half behind the data that waits. */
  finish(): void {
    this.#isFinished = true;
    this.#carrier.session.finish(this.id, this.#carrier.now());
    this.#carrier.wake();
    if (this.#hasEnded) this.#carrier.forget(this);
  }

  /** Ends both halves at once. The owner hears nothing more. */
  reset(): void {
    this.#isClosed = true;
    this.#early = [];
    this.#carrier.session.reset(this.id);
    this.#carrier.wake();
    this.#carrier.forget(this);
    this.#drained?.resolve();
  }

  // ── For the connection ───────────────────────────────────────────────────────────────────────────

  onData(bytes: Uint8Array): void {
    if (this.#owner === undefined) this.#early.push({ kind: 'data', bytes });
    else this.#owner.data(bytes);
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#deliver({ kind: 'end' });
    if (this.#isFinished) this.#carrier.forget(this);
  }

  onDrained(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  onClosed(error: PluginError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deliver({ kind: 'closed', error });
    this.onDrained();
  }

  #deliver(event: Early): void {
    if (this.#owner === undefined) this.#early.push(event);
    else if (event.kind === 'data') this.#owner.data(event.bytes);
    else if (event.kind === 'end') this.#owner.end();
    else this.#owner.closed(event.error);
  }
}
