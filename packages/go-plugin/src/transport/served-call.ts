/** One unary call that is served. */
import type { ServerHttp2Stream } from 'node:http2';
import type { CancelTimer, Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { GrpcCall, GrpcMethod } from '../grpc/grpc-service.ts';
import { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
import { parseGrpcTimeout } from '../grpc/grpc-timeout.ts';
import { frameMessage } from '../grpc/message-frame.ts';
import type { HeaderFields } from '../grpc/response-status.ts';
import type { ByteBudget } from './byte-budget.ts';
import { beginReply, endWithStatus } from './grpc-reply.ts';
import { OneMessage } from './one-message.ts';

export interface ServedCallOptions {
  readonly stream: ServerHttp2Stream;
  readonly headers: HeaderFields;
  readonly method: GrpcMethod;
  readonly maxMessageBytes: number;
  readonly budget: ByteBudget;
  readonly clock: Clock;
}

export class ServedCall implements GrpcCall {
  readonly #options: ServedCallOptions;
  readonly #request: OneMessage;
  readonly timeoutMs: number | undefined;
  readonly #receivedAt: number;
  /** Made only for handlers that look at it: most do not. */
  #aborter: AbortController | undefined;
  #cancelTimer: CancelTimer | undefined;
  #isOver: boolean = false;

  /** Runs the method once its request is whole, and answers. */
  constructor(options: ServedCallOptions) {
    this.#options = options;
    this.#request = new OneMessage(options.maxMessageBytes, options.budget);
    this.#receivedAt = options.clock.now();
    const timeout = options.headers['grpc-timeout'];
    this.timeoutMs = typeof timeout === 'string' ? parseGrpcTimeout(timeout) : undefined;
    const { stream } = options;
    stream.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    stream.on('end', () => void this.#run());
    stream.on('close', () => this.#close());
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.#isOver) this.#abort(GRPC_STATUS.CANCELLED, 'the call is over');
      else this.#watchDeadline();
    }
    return this.#aborter.signal;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#request.push(bytes);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #run(): Promise<void> {
    if (this.#isOver) return;
    const request = this.#request.whole;
    if (request === undefined) {
      this.#refuse(new GrpcStatusError(GRPC_STATUS.INTERNAL, 'the request is not one whole message'));
      return;
    }
    try {
      this.#answer(await this.#options.method(request, this));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #answer(reply: Uint8Array): void {
    if (this.#isOver) return;
    const { stream } = this.#options;
    beginReply(stream);
    stream.end(frameMessage(reply));
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    endWithStatus(this.#options.stream, statusOf(error));
  }

  #close(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#request.release();
    this.#abort(GRPC_STATUS.CANCELLED, 'the call is over');
  }

  #watchDeadline(): void {
    if (this.timeoutMs === undefined) return;
    const { clock } = this.#options;
    const leftMs = Math.max(0, this.#receivedAt + this.timeoutMs - clock.now());
    this.#cancelTimer = clock.schedule(leftMs, () =>
      this.#abort(GRPC_STATUS.DEADLINE_EXCEEDED, 'context deadline exceeded'),
    );
  }

  #abort(status: number, text: string): void {
    this.#aborter?.abort(new GrpcStatusError(status, text));
  }
}

function statusOf(error: unknown): GrpcStatusError {
  if (error instanceof GrpcStatusError) return error;
  const status =
    error instanceof PluginError && error.code === 'GRPC_MESSAGE_TOO_LONG'
      ? GRPC_STATUS.RESOURCE_EXHAUSTED
      : GRPC_STATUS.UNKNOWN;
  return new GrpcStatusError(status, error instanceof Error ? error.message : String(error));
}
