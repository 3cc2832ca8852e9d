/**
 * Unary calls on one HTTP/2 session. A call ends exactly once: by its reply, a status of the peer, its
 * deadline, its signal, or the end of the session. A bounded number is under way; the others wait in a line,
 * where their deadlines run as well.
 */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { PluginError } from '../errors.ts';
import { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
import { formatGrpcTimeout } from '../grpc/grpc-timeout.ts';
import { frameMessage } from '../grpc/message-frame.ts';
import { DeadlineHeap } from '../net-rpc/deadline-heap.ts';
import { ByteBudget } from './byte-budget.ts';
import type { DeadlineSource, DeadlineTimer } from './deadline-timer.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import { CANCEL, connectionLost, headersOf } from './http2-session.ts';
import type { CallOptions } from './plugin-connection.ts';
import { type CallOwner, UnaryCall, type UnaryCallEnd } from './unary-call.ts';

export interface GrpcCallerOptions {
  readonly session: ClientHttp2Session;
  readonly isTls: boolean;
  readonly limits: GrpcLimits;
  readonly timer: DeadlineTimer;
  now(): number;
}

/** What is called. */
export interface UnaryRequest {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly message: Uint8Array;
  /** Whose call it is; counts its calls. */
  readonly owner: CallOwner;
}

type RequestHeaders = Readonly<Record<string, string>>;

export class GrpcCaller implements DeadlineSource, UnaryCallEnd {
  readonly #options: GrpcCallerOptions;
  /** Every call that has not ended. */
  readonly #calls = new DeadlineHeap<UnaryCall>();
  /** Calls that were not begun, from `#lineStart`; some may have ended there. */
  #line: UnaryCall[] = [];
  #lineStart = 0;
  /** Streams that are open. */
  #openStreams = 0;
  readonly #budget: ByteBudget;
  /** By path; most calls have the time-out of the one before. */
  readonly #headers = new Map<string, { readonly timeoutMs: number; readonly headers: RequestHeaders }>();
  #end: PluginError | undefined;

  constructor(options: GrpcCallerOptions) {
    this.#options = options;
    this.#budget = new ByteBudget(options.limits.maxWaitingBytes);
    options.timer.add(this);
  }

  /** Calls that have not ended. */
  get pendingCalls(): number {
    return this.#calls.size;
  }

  /**
   * Rejects with `PLUGIN_CALL_TIMEOUT`, `PLUGIN_CALL_CANCELLED`, `PLUGIN_CALL_FAILED` whose cause is a
   * `GrpcStatusError`, `GRPC_MALFORMED`, `GRPC_MESSAGE_TOO_LONG`, or why the connection is over.
   */
  unary(request: UnaryRequest, options: CallOptions): Promise<Uint8Array> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const { signal, timeoutMs } = options;
    if (signal?.aborted === true) return Promise.reject(cancelled(request.path, signal));
    return new Promise((resolve, reject) => {
      const call = new UnaryCall({
        request,
        timeoutMs,
        dueAt: this.#options.now() + timeoutMs,
        maxMessageBytes: this.#options.limits.maxMessageBytes,
        budget: this.#budget,
        end: this,
        resolve,
        reject,
      });
      this.#calls.add(call);
      request.owner.pendingCalls += 1;
      if (signal !== undefined) this.#listen(signal, call);
      if (this.#openStreams < this.#options.limits.maxCallsInFlight) this.#begin(call, timeoutMs);
      else this.#line.push(call);
      this.#options.timer.look(this);
    });
  }

  /** Ends the calls of one owner. */
  abandon(owner: CallOwner, error: PluginError): void {
    for (const call of this.#calls.entries()) if (call.owner === owner) call.fail(error, CANCEL);
  }

  /** Ends all calls; later ones are rejected by `error` too. */
  close(error: PluginError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#options.timer.remove(this);
    for (let call = this.#calls.first; call !== undefined; call = this.#calls.first) call.fail(error, CANCEL);
  }

  deadline(): number | undefined {
    return this.#calls.first?.dueAt;
  }

  tick(now: number): void {
    for (let call = this.#calls.first; call !== undefined && call.dueAt <= now; call = this.#calls.first) {
      call.fail(call.timedOut(), CANCEL);
    }
  }

  // ── For the calls ────────────────────────────────────────────────────────────────────────────────

  ended(call: UnaryCall): void {
    this.#calls.remove(call);
    call.owner.pendingCalls -= 1;
  }

  closed(): void {
    this.#openStreams -= 1;
    this.#beginNext();
  }

  /** The session ended under a stream: whoever hears of it first tells the call. */
  get lost(): PluginError | undefined {
    const { session } = this.#options;
    return this.#end ?? (session.destroyed ? connectionLost(undefined) : undefined);
  }

  #beginNext(): void {
    while (this.#lineStart < this.#line.length) {
      const call = this.#line[this.#lineStart];
      this.#lineStart += 1;
      if (call === undefined || call.hasEnded) continue;
      this.#begin(call, call.dueAt - this.#options.now());
      return;
    }
    this.#line = [];
    this.#lineStart = 0;
  }

  #begin(call: UnaryCall, timeoutMs: number): void {
    let stream: ClientHttp2Stream;
    try {
      stream = this.#options.session.request(this.#headersOf(call.path, timeoutMs), { endStream: false });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      call.fail(connectionLost(new GrpcStatusError(GRPC_STATUS.UNAVAILABLE, text, { isUnprocessed: true })));
      return;
    }
    this.#openStreams += 1;
    call.begin(stream);
    stream.end(frameMessage(call.message));
  }

  #headersOf(path: string, timeoutMs: number): RequestHeaders {
    const known = this.#headers.get(path);
    if (known?.timeoutMs === timeoutMs) return known.headers;
    const headers = {
      ...headersOf(path, this.#options.isTls),
      'grpc-timeout': formatGrpcTimeout(timeoutMs),
    };
    this.#headers.set(path, { timeoutMs, headers });
    return headers;
  }

  #listen(signal: AbortSignal, call: UnaryCall): void {
    const abort = (): void => call.fail(cancelled(call.path, signal), CANCEL);
    signal.addEventListener('abort', abort, { once: true });
    call.release = () => signal.removeEventListener('abort', abort);
  }
}

function cancelled(path: string, signal: AbortSignal): PluginError {
  return new PluginError('PLUGIN_CALL_CANCELLED', `${path} was cancelled.`, { cause: signal.reason });
}
