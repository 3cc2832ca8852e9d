/** One unary call on its HTTP/2 stream. */
import type { ClientHttp2Stream } from 'node:http2';
import { PluginError } from '../errors.ts';
import { GRPC_STATUS, type GrpcStatusError } from '../grpc/grpc-status.ts';
import { type HeaderFields, readStatus, refuseResponse, statusOfReset } from '../grpc/response-status.ts';
import type { Due } from '../net-rpc/deadline-heap.ts';
import { printable } from '../printable.ts';
import type { ByteBudget } from './byte-budget.ts';
import { CANCEL } from './http2-session.ts';
import { OneMessage } from './one-message.ts';

/** Whose calls these are. */
export interface CallOwner {
  pendingCalls: number;
}

/** Where a call says how far it is. */
export interface UnaryCallEnd {
  /** The caller has its answer; the stream may live on for a moment. */
  ended(call: UnaryCall): void;
  /** The stream of a call that was begun is gone. */
  closed(): void;
  /** Why the connection is over, when it is. */
  readonly lost: PluginError | undefined;
}

export interface UnaryCallOptions {
  readonly request: { readonly path: string; readonly message: Uint8Array; readonly owner: CallOwner };
  readonly timeoutMs: number;
  readonly dueAt: number;
  readonly maxMessageBytes: number;
  readonly budget: ByteBudget;
  readonly end: UnaryCallEnd;
  resolve(reply: Uint8Array): void;
  reject(error: PluginError): void;
}

const NOTHING = (): void => undefined;

export class UnaryCall implements Due {
  readonly dueAt: number;
  heapIndex = -1;
  readonly #options: UnaryCallOptions;
  readonly #reply: OneMessage;
  #stream: ClientHttp2Stream | undefined;
  /** True once the response's own status was read: OK, since any other ends the call. */
  #isStatusOk: boolean = false;
  #hasEnded: boolean = false;
  /** Stops listening to the call's signal. */
  release: () => void = NOTHING;

  constructor(options: UnaryCallOptions) {
    this.#options = options;
    this.dueAt = options.dueAt;
    this.#reply = new OneMessage(options.maxMessageBytes, options.budget);
  }

  get path(): string {
    return this.#options.request.path;
  }

  get message(): Uint8Array {
    return this.#options.request.message;
  }

  get owner(): CallOwner {
    return this.#options.request.owner;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  begin(stream: ClientHttp2Stream): void {
    this.#stream = stream;
    stream.on('response', (headers) => this.#respond(headers));
    stream.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    stream.on('trailers', (fields) => this.#conclude(fields));
    stream.on('error', NOTHING);
    stream.on('close', () => this.#close());
  }

  /** Ends the call; `resetCode` tells the peer that nobody waits for it. Without effect when it has ended. */
  fail(error: PluginError, resetCode?: number): void {
    if (!this.#finish()) return;
    if (resetCode !== undefined) this.#stream?.close(resetCode);
    this.#options.reject(error);
  }

  timedOut(): PluginError {
    const { timeoutMs } = this.#options;
    return new PluginError('PLUGIN_CALL_TIMEOUT', `${this.path} was not answered within ${timeoutMs} ms.`);
  }

  #respond(headers: HeaderFields): void {
    if (this.#hasEnded) return;
    if (headers['grpc-status'] !== undefined) {
      this.#conclude(headers);
      return;
    }
    const refusal = refuseResponse(headers);
    if (refusal !== undefined) this.fail(this.#failed(refusal), CANCEL);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#hasEnded) return;
    try {
      this.#reply.push(bytes);
    } catch (error) {
      this.fail(this.#brokenBy(error), CANCEL);
    }
  }

  #conclude(fields: HeaderFields): void {
    if (this.#hasEnded) return;
    const status = readStatus(fields);
    if (status !== undefined) {
      this.fail(status.status === GRPC_STATUS.DEADLINE_EXCEEDED ? this.timedOut() : this.#failed(status));
      return;
    }
    this.#isStatusOk = true;
    const reply = this.#reply.whole;
    if (reply !== undefined && this.#finish()) this.#options.resolve(reply);
  }

  #close(): void {
    const { end } = this.#options;
    if (!this.#hasEnded) this.fail(end.lost ?? this.#whyClosed());
    this.#reply.release();
    end.closed();
  }

  /** The stream closed and the reply is not there. */
  #whyClosed(): PluginError {
    const code = this.#stream?.rstCode ?? 0;
    if (code !== 0) return this.#failed(statusOfReset(code));
    if (this.#isStatusOk) return this.#brokenBy(malformed('no whole reply came with its status'));
    return this.#failed(readStatus({}));
  }

  /** False when the call had ended. */
  #finish(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.release();
    this.#options.end.ended(this);
    return true;
  }

  #failed(status: GrpcStatusError | undefined): PluginError {
    const text = printable(status?.message ?? '', 500);
    return new PluginError(
      'PLUGIN_CALL_FAILED',
      `${this.path} failed in the plugin with gRPC status ${status?.status}: ${text}`,
      { cause: status },
    );
  }

  #brokenBy(error: unknown): PluginError {
    if (!(error instanceof PluginError)) return malformed(String(error));
    return new PluginError(error.code, `${this.path}: ${error.message}`, { cause: error });
  }
}

function malformed(what: string): PluginError {
  return new PluginError('GRPC_MALFORMED', `A call was not answered as gRPC has it: ${what}.`);
}
