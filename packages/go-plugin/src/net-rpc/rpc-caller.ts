/**
 * The calling side of net/rpc on one stream, without the stream (net/rpc client.go).
 *
 * Each call is a header and an argument, each reply a header and a body; replies come in any order and
 * find their call by Seq. A call that is given up, by its deadline or by `cancel`, is only forgotten here:
 * net/rpc cannot tell the peer, and the late reply is dropped.
 */
import { PluginError } from '../errors.ts';
import { GobConstant, GobNumbered } from '../gob/gob-constant.ts';
import { GobDecoder } from '../gob/gob-decoder.ts';
import { GobEncoder } from '../gob/gob-encoder.ts';
import type { GobLimits } from '../gob/gob-limits.ts';
import type { GobRegistry } from '../gob/gob-registry.ts';
import type { GobType } from '../gob/gob-type.ts';
import type { GobDecoded } from '../gob/gob-value.ts';
import { DeadlineHeap, type Due } from './deadline-heap.ts';
import { PendingCalls } from './pending-calls.ts';
import { ReadResponseHeader, ResponseHeaderReader } from './response-header-reader.ts';
import { parseResponseHeader, REQUEST_TYPE, type ResponseHeader } from './rpc-header.ts';

export interface RpcCallerOptions {
  readonly limits?: Partial<GobLimits>;
  /** Types that interfaces in arguments may hold. */
  readonly registry?: GobRegistry;
}

/** What to call. */
export interface RpcCall {
  /** `Service.Method`. */
  readonly serviceMethod: string;
  /** A `GobConstant` is encoded once, as far as possible. */
  readonly argument: { readonly type: GobType; readonly value: unknown };
  /** When the call expires, on the clock given to `tick`. */
  readonly dueAt: number;
}

/** How calls end; `ticket` is what the owner gave with the call. */
export type RpcCallerEvent<Ticket> =
  | { readonly kind: 'reply'; readonly ticket: Ticket; readonly reply: GobDecoded }
  /** The peer answered with an error, which is only a text. */
  | { readonly kind: 'refused'; readonly ticket: Ticket; readonly text: string }
  | { readonly kind: 'expired'; readonly ticket: Ticket }
  /** The stream cannot be understood any more: the last event. Calls still pending get none. */
  | { readonly kind: 'failed'; readonly error: PluginError };

/** A call under way; only good for `cancel`. */
export interface PendingRpcCall extends Due {
  readonly seq: number;
}

interface Pending<Ticket> extends PendingRpcCall {
  readonly ticket: Ticket;
}

export class RpcCaller<Ticket> {
  readonly #encoder: GobEncoder;
  readonly #decoder: GobDecoder;
  readonly #pending = new PendingCalls<Pending<Ticket>>();
  readonly #deadlines = new DeadlineHeap<Pending<Ticket>>();
  /** Calls whose `expired` event was not taken yet. */
  readonly #expired: Pending<Ticket>[] = [];
  #nextSeq = 0;
  /** Headers of the method called last: mostly all calls of a stream are of one. */
  #request: GobNumbered | undefined;
  #requestMethod = '';
  /** Types defined on the stream before the latest call. */
  #definedBefore = 0;
  /** Header of a reply whose body has not come yet. */
  #header: ResponseHeader | undefined;
  readonly #headerReader = new ResponseHeaderReader();
  #hasFailed: boolean = false;
  #droppedReplies = 0;

  constructor(options: RpcCallerOptions = {}) {
    this.#encoder = new GobEncoder(options.registry === undefined ? {} : { registry: options.registry });
    this.#decoder = new GobDecoder(options.limits);
  }

  /** Calls without an end yet. */
  get pendingCalls(): number {
    return this.#pending.size;
  }

  /** Replies that found no call: late ones, or ones the peer made up. */
  get droppedReplies(): number {
    return this.#droppedReplies;
  }

  /** Starts a call. Throws `GOB_UNENCODABLE` or `GOB_BAD_SCHEMA`, and then nothing was started. */
  call(call: RpcCall, ticket: Ticket): PendingRpcCall {
    const seq = this.#nextSeq;
    this.#encode(call, seq);
    this.#nextSeq += 1;
    const pending: Pending<Ticket> = { seq, dueAt: call.dueAt, heapIndex: -1, ticket };
    this.#pending.add(pending);
    this.#deadlines.add(pending);
    return pending;
  }

  /** Forgets a call; false when it has ended already. */
  cancel(call: PendingRpcCall): boolean {
    const pending = this.#pending.get(call.seq);
    if (pending !== call) return false;
    this.#forget(pending);
    return true;
  }

  /**
   * Takes the latest call back as if it had not been made, because its bytes could not be sent: what it
   * defined is defined again by the next.
   */
  withdraw(call: PendingRpcCall): void {
    if (call.seq !== this.#nextSeq - 1 || !this.cancel(call)) return;
    this.#encoder.rollback(0, this.#definedBefore);
  }

  /** Bytes for the peer since the last call, as a view that the next `call` overwrites. */
  takeOutput(): Uint8Array {
    return this.#encoder.takeOutput();
  }

  /** Takes bytes of the peer, cut anywhere; leave them unchanged until `nextEvent` answers undefined. */
  receive(bytes: Uint8Array): void {
    if (!this.#hasFailed) this.#decoder.receive(bytes);
  }

  nextEvent(): RpcCallerEvent<Ticket> | undefined {
    const expired = this.#expired.length > 0 ? this.#expired.shift() : undefined;
    if (expired !== undefined) return { kind: 'expired', ticket: expired.ticket };
    if (this.#hasFailed) return undefined;
    try {
      return this.#nextReply();
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#hasFailed = true;
      return { kind: 'failed', error };
    }
  }

  /** When the first call expires. */
  deadline(): number | undefined {
    return this.#deadlines.first?.dueAt;
  }

  /** Expires calls that are due; an event follows for each. */
  tick(now: number): void {
    for (let call = this.#deadlines.first; call !== undefined && call.dueAt <= now; ) {
      this.#forget(call);
      this.#expired.push(call);
      call = this.#deadlines.first;
    }
  }

  /** Forgets all calls, because the stream is gone, and answers their tickets in order of calling. */
  abandon(): Ticket[] {
    const calls = this.#pending.takeAll();
    for (const call of calls) this.#deadlines.remove(call);
    return calls.map((call) => call.ticket);
  }

  /** Header and argument, or neither. */
  #encode({ serviceMethod, argument }: RpcCall, seq: number): void {
    const { outputLength, definedTypes } = this.#encoder;
    this.#definedBefore = definedTypes;
    this.#encoder.encodeNumbered(this.#requestOf(serviceMethod), seq);
    try {
      if (argument instanceof GobConstant) this.#encoder.encodeConstant(argument);
      else this.#encoder.encode(argument.type, argument.value);
    } catch (error) {
      this.#encoder.rollback(outputLength, definedTypes);
      throw error;
    }
  }

  #requestOf(serviceMethod: string): GobNumbered {
    if (this.#request === undefined || this.#requestMethod !== serviceMethod) {
      this.#request = new GobNumbered(REQUEST_TYPE, { ServiceMethod: serviceMethod }, 'Seq');
      this.#requestMethod = serviceMethod;
    }
    return this.#request;
  }

  #nextReply(): RpcCallerEvent<Ticket> | undefined {
    for (;;) {
      const header = this.#header;
      const decoded = this.#decoder.next(header === undefined ? this.#headerReader : undefined);
      if (decoded === undefined) return undefined;
      if (header === undefined) {
        const { value } = decoded;
        this.#header = value instanceof ReadResponseHeader ? value : parseResponseHeader(decoded);
        continue;
      }
      this.#header = undefined;
      const event = this.#settle(header, decoded);
      if (event !== undefined) return event;
    }
  }

  #settle(header: ResponseHeader, reply: GobDecoded): RpcCallerEvent<Ticket> | undefined {
    const call = this.#pending.get(Number(header.seq));
    if (call === undefined) {
      this.#droppedReplies += 1;
      return undefined;
    }
    this.#forget(call);
    const { ticket } = call;
    return header.error === ''
      ? { kind: 'reply', ticket, reply }
      : { kind: 'refused', ticket, text: header.error };
  }

  #forget(call: Pending<Ticket>): void {
    this.#pending.delete(call);
    this.#deadlines.remove(call);
  }
}
