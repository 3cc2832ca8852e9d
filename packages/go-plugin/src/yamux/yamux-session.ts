/**
 * One yamux session: streams multiplexed on one connection (hashicorp/yamux spec.md, session.go,
 * stream.go), without the connection.
 *
 * The caller gives received bytes to `receive`, then takes every event by `nextEvent` and writes what
 * `takeOutput` answers. `now` is a clock in milliseconds that never goes back; `tick` is to be called
 * when `deadline` has come. A violation by the peer never throws: it ends the session with a go-away frame
 * and an `ended` event, after which every method is without effect.
 *
 * What the peer can make us hold is bounded: unread data by the window of each stream, streams by
 * `maxStreams`, answers by `maxOutputBytes`, our own data by `maxSendQueueBytes`. What it can make us do is
 * bounded by `maxControlFramesPerSecond`.
 */
import { PluginError, type PluginErrorCode } from '../errors.ts';
import { Pace } from '../pace.ts';
import { FLAG, FRAME_TYPE, type FrameHeader, GO_AWAY_CODE, MAX_UINT32 } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { Keepalive } from './keepalive.ts';
import type { YamuxEvent } from './yamux-event.ts';
import { DEFAULT_YAMUX_LIMITS, type YamuxLimits } from './yamux-limits.ts';
import { YamuxStream } from './yamux-stream.ts';

export interface YamuxSessionOptions {
  /** The host opened the connection and numbers its streams 1, 3, 5 …; the plugin 2, 4, 6 …. */
  readonly role: 'host' | 'plugin';
  readonly now: number;
  readonly limits?: Partial<YamuxLimits>;
}

/** Answer of `open`. */
export type YamuxOpenResult =
  | { readonly kind: 'opened'; readonly streamId: number }
  /** `backlog-full`: an `open-possible` event follows; the others are final. */
  | { readonly kind: 'refused'; readonly reason: 'backlog-full' | 'going-away' | 'ids-exhausted' | 'ended' };

export class YamuxSession {
  readonly #limits: YamuxLimits;
  readonly #reader: FrameReader;
  readonly #out: FrameWriter;
  readonly #keepalive: Keepalive;
  /** Of the peer's frames that carry no data. */
  readonly #controlPace: Pace;
  readonly #idParity: number;
  #nextId: number;
  #now: number;
  readonly #streams = new Map<number, YamuxStream>();
  /** Streams of ours without ACK → when that ends the session. Oldest first, as all waits are alike. */
  readonly #unacknowledged = new Map<number, number>();
  /** Streams whose other half is still open → when they are reset. Oldest first. */
  readonly #halfClosed = new Map<number, number>();
  /** Streams of the peer that nobody accepted yet, and all of its streams. */
  #unaccepted = 0;
  #peerStreams = 0;
  /** Streams with data that waits for window or output, in the order they get their turn. */
  readonly #sending = new Set<YamuxStream>();
  #events: YamuxEvent[] = [];
  #eventAt = 0;
  /** Stream of the payload being received; undefined while it is to be dropped. */
  #receiving: YamuxStream | undefined;
  #endsWithPayload: boolean = false;
  #isOpenWanted: boolean = false;
  #peerGoesAway: boolean = false;
  #weGoAway: boolean = false;
  #isEnded: boolean = false;

  constructor(options: YamuxSessionOptions) {
    this.#limits = { ...DEFAULT_YAMUX_LIMITS, ...options.limits };
    this.#now = options.now;
    this.#idParity = options.role === 'host' ? 1 : 0;
    this.#nextId = options.role === 'host' ? 1 : 2;
    this.#keepalive = new Keepalive(this.#limits, options.now);
    const { maxControlFramesPerSecond: perSecond } = this.#limits;
    this.#controlPace = new Pace({ perSecond, burst: perSecond });
    this.#out = new FrameWriter(this.#limits.maxFrameBytes);
    this.#reader = new FrameReader({
      frame: (header) => this.#frame(header),
      payload: (bytes, isLast) => this.#payload(bytes, isLast),
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Streams alive, of both sides. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Bytes `takeOutput` would answer. */
  get outputLength(): number {
    return this.#out.length;
  }

  // ── Bytes, events, time ──────────────────────────────────────────────────────────────────────────

  /** Takes bytes from the peer. Views of them travel in events: leave them unchanged. */
  receive(bytes: Uint8Array, now: number): void {
    if (this.#isEnded) return;
    this.#now = now;
    try {
      this.#reader.read(bytes);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#violated(error);
    }
    this.#sendQueued();
  }

  nextEvent(): YamuxEvent | undefined {
    const event = this.#events[this.#eventAt];
    if (event === undefined) return undefined;
    this.#eventAt += 1;
    if (this.#eventAt === this.#events.length) {
      this.#events = [];
      this.#eventAt = 0;
    }
    return event;
  }

  /** Bytes for the peer, the caller's to keep; undefined when there are none. */
  takeOutput(): Uint8Array | undefined {
    const bytes = this.#out.take();
    this.#sendQueued();
    return bytes;
  }

  /** When `tick` has something to do; undefined after the end. */
  deadline(): number | undefined {
    if (this.#isEnded) return undefined;
    return Math.min(this.#keepalive.deadline, firstOf(this.#unacknowledged), firstOf(this.#halfClosed));
  }

  tick(now: number): void {
    if (this.#isEnded) return;
    this.#now = now;
    this.#resetHalfClosed();
    const verdict = this.#keepalive.tick(now);
    if (firstOf(this.#unacknowledged) <= now) {
      this.#end(yamuxError('YAMUX_OPEN_TIMEOUT', 'The peer did not acknowledge a new stream in time'));
    } else if (verdict === 'dead') {
      this.#end(yamuxError('YAMUX_KEEPALIVE_TIMEOUT', 'The peer did not answer a ping in time'));
    } else if (verdict === 'send-ping') {
      this.ping(now);
    }
  }

  // ── Streams ──────────────────────────────────────────────────────────────────────────────────────

  /** Opens a stream; data may be sent on it at once. */
  open(now: number): YamuxOpenResult {
    this.#now = now;
    if (this.#isEnded) return { kind: 'refused', reason: 'ended' };
    if (this.#peerGoesAway) return { kind: 'refused', reason: 'going-away' };
    if (this.#nextId > MAX_UINT32) return { kind: 'refused', reason: 'ids-exhausted' };
    if (this.#unacknowledged.size >= this.#limits.acceptBacklog) {
      this.#isOpenWanted = true;
      return { kind: 'refused', reason: 'backlog-full' };
    }
    const streamId = this.#nextId;
    this.#nextId += 2;
    this.#streams.set(streamId, new YamuxStream(streamId, 'syn-sent'));
    this.#unacknowledged.set(streamId, now + this.#limits.openTimeoutMs);
    this.#out.control(FRAME_TYPE.WINDOW_UPDATE, FLAG.SYN, streamId, 0);
    return { kind: 'opened', streamId };
  }

  /** Acknowledges a stream of the peer; false when it is gone already. */
  accept(streamId: number): boolean {
    const stream = this.#streams.get(streamId);
    if (stream?.owesAck !== true || !stream.step('sendAck')) return false;
    stream.owesAck = false;
    this.#unaccepted -= 1;
    this.#out.control(FRAME_TYPE.WINDOW_UPDATE, FLAG.ACK, streamId, 0);
    return true;
  }

  /**
   * Sends `bytes`, copying them. False when some wait for the peer's window: a `drained` event follows
   * once they went. Throws `YAMUX_STREAM_CLOSED` for a stream that is over or was finished,
   * `YAMUX_SESSION_ENDED`, and `YAMUX_SEND_QUEUE_FULL`, having sent nothing, when more than
   * `maxSendQueueBytes` would wait.
   */
  send(streamId: number, bytes: Uint8Array): boolean {
    if (this.#isEnded) throw yamuxError('YAMUX_SESSION_ENDED', 'The session is over');
    const stream = this.#streams.get(streamId);
    if (stream?.canSend !== true) {
      throw yamuxError('YAMUX_STREAM_CLOSED', `Stream ${streamId} takes no more data`);
    }
    const wouldWait = stream.queuedBytes + bytes.length - (stream.queuedBytes > 0 ? 0 : stream.sendWindow);
    if (wouldWait > this.#limits.maxSendQueueBytes) {
      throw yamuxError(
        'YAMUX_SEND_QUEUE_FULL',
        `More than ${this.#limits.maxSendQueueBytes} bytes would wait on stream ${streamId}`,
      );
    }
    const written = stream.write(bytes, this.#out, this.#room());
    if (written === bytes.length) return true;
    stream.enqueue(written === 0 ? bytes : bytes.subarray(written));
    stream.wantsDrained = true;
    this.#sending.add(stream);
    return false;
  }

  /** Ends our half once all data went; the peer's half stays open. Without effect when repeated. */
  finish(streamId: number, now: number): void {
    this.#now = now;
    const stream = this.#streams.get(streamId);
    if (stream?.canSend !== true) return;
    stream.isFinishing = true;
    if (stream.queuedBytes === 0) this.#sendFin(stream);
  }

  /** Ends a stream in both directions at once, or refuses one of the peer's. */
  reset(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream?.step('sendRst') !== true) return;
    this.#out.control(FRAME_TYPE.WINDOW_UPDATE, FLAG.RST, streamId, 0);
    this.#forget(stream);
  }

  /** Says that received data was used up; grants the peer new window when half of it has. */
  consumed(streamId: number, byteCount: number): void {
    const stream = this.#streams.get(streamId);
    const granted = stream?.consume(byteCount) ?? 0;
    if (granted > 0) this.#out.control(FRAME_TYPE.WINDOW_UPDATE, 0, streamId, granted);
  }

  // ── The session ──────────────────────────────────────────────────────────────────────────────────

  /** Pings the peer; a `pong` event follows. Without effect while a ping is under way. */
  ping(now: number): void {
    if (this.#isEnded) return;
    const value = this.#keepalive.start(now);
    if (value !== undefined) this.#out.control(FRAME_TYPE.PING, FLAG.SYN, 0, value);
  }

  /** Accepts no more streams from the peer; open ones go on. */
  goAway(): void {
    if (this.#isEnded || this.#weGoAway) return;
    this.#weGoAway = true;
    this.#out.control(FRAME_TYPE.GO_AWAY, 0, 0, GO_AWAY_CODE.NORMAL);
  }

  /** Ends the session without a frame, as go-plugin does, or because the connection is gone. */
  close(): void {
    this.#end(undefined);
  }

  #end(error: PluginError | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const stream of this.#streams.values()) stream.discardQueue();
    this.#streams.clear();
    this.#sending.clear();
    this.#unacknowledged.clear();
    this.#halfClosed.clear();
    this.#receiving = undefined;
    this.#events.push({ kind: 'ended', error });
  }

  /** Ends the session and tells the peer that it is at fault. */
  #violated(error: PluginError): void {
    if (this.#isEnded) return;
    this.#out.control(FRAME_TYPE.GO_AWAY, 0, 0, GO_AWAY_CODE.PROTOCOL_ERROR);
    this.#end(error);
  }

  // ── Frames of the peer ───────────────────────────────────────────────────────────────────────────

  #frame(header: FrameHeader): boolean {
    const isControl = header.type !== FRAME_TYPE.DATA || header.length === 0;
    if (isControl && this.#controlPace.spend(1, this.#now) > 0) {
      this.#violated(yamuxError('YAMUX_CONTROL_FLOOD', 'The peer sends too many frames without data'));
    } else if (header.type === FRAME_TYPE.PING) this.#pinged(header);
    else if (header.type === FRAME_TYPE.GO_AWAY) this.#toldToGoAway(header.length);
    else this.#streamFrame(header);
    return !this.#isEnded;
  }

  #pinged({ flags, length }: FrameHeader): void {
    if ((flags & FLAG.SYN) !== 0) {
      this.#answer(FRAME_TYPE.PING, FLAG.ACK, 0, length);
      return;
    }
    const roundTripMs = this.#keepalive.answered(length, this.#now);
    if (roundTripMs !== undefined) this.#events.push({ kind: 'pong', roundTripMs });
  }

  #toldToGoAway(code: number): void {
    if (code !== GO_AWAY_CODE.NORMAL) {
      this.#end(yamuxError('YAMUX_GO_AWAY', `The peer ended the session, naming reason ${code}`));
    } else if (!this.#peerGoesAway) {
      this.#peerGoesAway = true;
      this.#events.push({ kind: 'go-away' });
    }
  }

  /** Data or a window update, with its flags. */
  #streamFrame(header: FrameHeader): void {
    const isData = header.type === FRAME_TYPE.DATA;
    const { flags, streamId, length } = header;
    this.#receiving = undefined;
    this.#endsWithPayload = false;
    if ((flags & FLAG.SYN) !== 0 && !this.#opened(streamId)) return;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if ((flags & FLAG.RST) !== 0) {
      this.#resetByPeer(stream);
      return;
    }
    if ((flags & FLAG.ACK) !== 0) this.#acknowledged(stream);
    if (isData && length > 0 && !this.#announced(stream, length)) return;
    if (!isData && !stream.grant(length)) {
      this.#violated(
        yamuxError('YAMUX_WINDOW_OVERRUN', `The peer granted an impossible window on stream ${streamId}`),
      );
      return;
    }
    if ((flags & FLAG.FIN) !== 0) this.#finishedByPeer(stream, isData && length > 0);
  }

  /** A SYN; false when no stream came of it. */
  #opened(streamId: number): boolean {
    if (streamId === 0) {
      this.#violated(yamuxError('YAMUX_BAD_FRAME', 'The peer opened stream 0'));
      return false;
    }
    if (this.#streams.has(streamId)) {
      this.#violated(yamuxError('YAMUX_ILLEGAL_TRANSITION', `The peer opened stream ${streamId} twice`));
      return false;
    }
    const isOurs = streamId % 2 === this.#idParity;
    const isFull =
      this.#unaccepted >= this.#limits.acceptBacklog || this.#peerStreams >= this.#limits.maxStreams;
    if (isOurs || isFull || this.#weGoAway) {
      this.#answer(FRAME_TYPE.WINDOW_UPDATE, FLAG.RST, streamId, 0);
      return false;
    }
    this.#streams.set(streamId, new YamuxStream(streamId, 'syn-received'));
    this.#unaccepted += 1;
    this.#peerStreams += 1;
    this.#events.push({ kind: 'stream', streamId });
    return true;
  }

  #acknowledged(stream: YamuxStream): void {
    stream.step('receiveAck');
    this.#dropUnacknowledged(stream.id);
  }

  /** The length of a data frame, before any of its payload. */
  #announced(stream: YamuxStream, length: number): boolean {
    if (!stream.step('receiveData')) {
      this.#violated(
        yamuxError('YAMUX_ILLEGAL_TRANSITION', `The peer sent data after the end of stream ${stream.id}`),
      );
      return false;
    }
    if (!stream.receive(length)) {
      this.#violated(
        yamuxError(
          'YAMUX_WINDOW_OVERRUN',
          `The peer sent ${length} bytes on stream ${stream.id}, whose window is ${stream.receiveWindow}`,
        ),
      );
      return false;
    }
    this.#receiving = stream;
    return true;
  }

  #payload(bytes: Uint8Array, isLast: boolean): void {
    const stream = this.#receiving;
    if (stream === undefined || stream.state === 'reset') return;
    this.#events.push({ kind: 'data', streamId: stream.id, bytes });
    if (isLast && this.#endsWithPayload) this.#events.push({ kind: 'end', streamId: stream.id });
  }

  #finishedByPeer(stream: YamuxStream, hasPayload: boolean): void {
    if (!stream.step('receiveFin')) {
      this.#violated(yamuxError('YAMUX_ILLEGAL_TRANSITION', `The peer ended stream ${stream.id} twice`));
      return;
    }
    if (hasPayload) this.#endsWithPayload = true;
    else this.#events.push({ kind: 'end', streamId: stream.id });
    if (stream.isOver) this.#forget(stream);
  }

  #resetByPeer(stream: YamuxStream): void {
    stream.step('receiveRst');
    this.#forget(stream);
    const error = yamuxError('YAMUX_STREAM_RESET', `The peer reset stream ${stream.id}`);
    this.#events.push({ kind: 'reset', streamId: stream.id, error });
  }

  /** Writes a frame the peer's frame demands; many of them unread end the session. */
  #answer(type: number, flags: number, streamId: number, value: number): void {
    if (this.#out.length >= this.#limits.maxOutputBytes) {
      this.#end(yamuxError('YAMUX_CONTROL_FLOOD', 'The peer demands answers and does not read them'));
      return;
    }
    this.#out.control(type, flags, streamId, value);
  }

  // ── Our own frames ───────────────────────────────────────────────────────────────────────────────

  #sendFin(stream: YamuxStream): void {
    if (!stream.step('sendFin')) return;
    this.#out.control(FRAME_TYPE.WINDOW_UPDATE, FLAG.FIN, stream.id, 0);
    if (stream.isOver) this.#forget(stream);
    else this.#halfClosed.set(stream.id, this.#now + this.#limits.halfCloseTimeoutMs);
  }

  /** Bytes of data the output may still take. */
  #room(): number {
    return this.#limits.maxOutputBytes / 2 - this.#out.length;
  }

  /** Lets each waiting stream write a frame in turn, until windows or output are full. */
  #sendQueued(): void {
    for (const stream of this.#sending) {
      const room = Math.min(this.#room(), this.#limits.maxFrameBytes);
      if (stream.writeQueued(this.#out, room) === 0) continue;
      this.#sending.delete(stream);
      // Added again, it is last, and this loop comes to it again.
      if (stream.queuedBytes > 0) this.#sending.add(stream);
      else this.#emptied(stream);
    }
  }

  #emptied(stream: YamuxStream): void {
    if (stream.wantsDrained) this.#events.push({ kind: 'drained', streamId: stream.id });
    stream.wantsDrained = false;
    if (stream.isFinishing) this.#sendFin(stream);
  }

  #resetHalfClosed(): void {
    for (const [streamId, at] of this.#halfClosed) {
      if (at > this.#now) return;
      this.reset(streamId);
      const error = yamuxError('YAMUX_STREAM_RESET', `The peer did not end stream ${streamId} in time`);
      this.#events.push({ kind: 'reset', streamId, error });
    }
  }

  #dropUnacknowledged(streamId: number): void {
    if (!this.#unacknowledged.delete(streamId) || !this.#isOpenWanted) return;
    this.#isOpenWanted = false;
    this.#events.push({ kind: 'open-possible' });
  }

  #forget(stream: YamuxStream): void {
    stream.discardQueue();
    this.#streams.delete(stream.id);
    this.#sending.delete(stream);
    this.#halfClosed.delete(stream.id);
    this.#dropUnacknowledged(stream.id);
    if (stream.owesAck) this.#unaccepted -= 1;
    if (stream.id % 2 !== this.#idParity) this.#peerStreams -= 1;
  }
}

/** The earliest of times kept oldest first. */
function firstOf(deadlines: ReadonlyMap<number, number>): number {
  for (const at of deadlines.values()) return at;
  return Infinity;
}

function yamuxError(code: PluginErrorCode, message: string): PluginError {
  return new PluginError(code, `${message}.`);
}
