/**
 * Calls on one stream: the net/rpc caller joined to its stream, with a promise for each call. A call ends
 * exactly once: by its reply, an error of the peer, its deadline, its signal, or the end of the stream.
 */
import { PluginError } from '../errors.ts';
import type { GobLimits } from '../gob/gob-limits.ts';
import { type PendingRpcCall, RpcCaller, type RpcCallerEvent } from '../net-rpc/rpc-caller.ts';
import { printable } from '../printable.ts';
import type { DeadlineSource } from './deadline-timer.ts';
import type { MuxStream, StreamOwner } from './mux-stream.ts';
import type { CallOptions, GobArgument, GobReply } from './plugin-connection.ts';
import type { YamuxConnection } from './yamux-connection.ts';

export interface CallStreamOptions {
  readonly connection: YamuxConnection;
  readonly stream: MuxStream;
  readonly gobLimits: Partial<GobLimits>;
}

/** What a call's promise needs to be settled. */
interface Ticket {
  readonly serviceMethod: string;
  readonly timeoutMs: number;
  resolve(reply: GobReply): void;
  reject(error: PluginError): void;
  /** Stops listening to the call's signal. */
  release: () => void;
}

export class CallStream implements StreamOwner, DeadlineSource {
  readonly #connection: YamuxConnection;
  readonly #stream: MuxStream;
  readonly #caller: RpcCaller<Ticket>;
  #end: PluginError | undefined;

  constructor({ connection, stream, gobLimits }: CallStreamOptions) {
    this.#connection = connection;
    this.#stream = stream;
    this.#caller = new RpcCaller({ limits: gobLimits });
    stream.setOwner(this);
    connection.timer.add(this);
  }

  get pendingCalls(): number {
    return this.#caller.pendingCalls;
  }

  /**
   * Calls `serviceMethod`. Rejects with `PLUGIN_CALL_TIMEOUT`, `PLUGIN_CALL_CANCELLED`, `PLUGIN_CALL_FAILED`
   * (the peer's own error), `GOB_UNENCODABLE`, `YAMUX_SEND_QUEUE_FULL`, or why the stream is over:
   * `PLUGIN_CLOSED` by us, `PLUGIN_CONNECTION_LOST` by the peer, also when only this stream is, or a `GOB_` or
   * `RPC_` code when it sent what is no reply.
   */
  call(serviceMethod: string, argument: GobArgument, options: CallOptions): Promise<GobReply> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const { signal, timeoutMs } = options;
    if (signal?.aborted === true) return Promise.reject(cancelled(serviceMethod, signal));
    return new Promise((resolve, reject) => {
      const ticket: Ticket = { serviceMethod, timeoutMs, resolve, reject, release: NOTHING };
      const pending = this.#start(argument, ticket);
      if (signal !== undefined) this.#listen(signal, pending, ticket);
    });
  }

  /** Ends the stream; pending calls are rejected by `error`. */
  close(error: PluginError): void {
    this.#stream.finish();
    this.#over(error);
  }

  data(bytes: Uint8Array): void {
    this.#caller.receive(bytes);
    this.#settleAll();
    this.#stream.consumed(bytes.length);
  }

  end(): void {
    this.#stream.finish();
    this.#over(streamLost('The plugin ended the stream of its calls.'));
  }

  closed(error: PluginError): void {
    const isReset = error.code === 'YAMUX_STREAM_RESET';
    this.#over(isReset ? streamLost('The plugin reset the stream of its calls.', error) : error);
  }

  deadline(): number | undefined {
    return this.#caller.deadline();
  }

  tick(now: number): void {
    this.#caller.tick(now);
    this.#settleAll();
  }

  /** Throws what makes the call impossible; the promise around it rejects. */
  #start(argument: GobArgument, ticket: Ticket): PendingRpcCall {
    const { serviceMethod, timeoutMs } = ticket;
    const dueAt = this.#connection.now() + timeoutMs;
    const pending = this.#caller.call({ serviceMethod, argument, dueAt }, ticket);
    try {
      this.#stream.write(this.#caller.takeOutput());
    } catch (error) {
      this.#caller.withdraw(pending);
      throw error;
    }
    this.#connection.timer.look(this);
    return pending;
  }

  #listen(signal: AbortSignal, pending: PendingRpcCall, ticket: Ticket): void {
    const abort = (): void => {
      if (this.#caller.cancel(pending)) ticket.reject(cancelled(ticket.serviceMethod, signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    ticket.release = () => signal.removeEventListener('abort', abort);
  }

  #settleAll(): void {
    for (let event = this.#caller.nextEvent(); event !== undefined; event = this.#caller.nextEvent()) {
      this.#settle(event);
    }
  }

  #settle(event: RpcCallerEvent<Ticket>): void {
    switch (event.kind) {
      case 'reply':
        event.ticket.release();
        event.ticket.resolve(event.reply);
        return;
      case 'refused':
        event.ticket.release();
        event.ticket.reject(callFailed(event.ticket.serviceMethod, event.text));
        return;
      case 'expired':
        event.ticket.release();
        event.ticket.reject(timedOut(event.ticket));
        return;
      case 'failed':
        // The peer's encoder and ours no longer agree: nothing on this connection can be relied on.
        this.#over(event.error);
        this.#connection.fail(event.error);
        return;
    }
  }

  #over(error: PluginError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#connection.timer.remove(this);
    for (const ticket of this.#caller.abandon()) {
      ticket.release();
      ticket.reject(error);
    }
  }
}

const NOTHING = (): void => undefined;

function callFailed(serviceMethod: string, text: string): PluginError {
  return new PluginError(
    'PLUGIN_CALL_FAILED',
    `${serviceMethod} failed in the plugin: ${printable(text, 500)}`,
  );
}

function streamLost(message: string, cause?: PluginError): PluginError {
  return new PluginError('PLUGIN_CONNECTION_LOST', message, { cause });
}

function timedOut({ serviceMethod, timeoutMs }: Ticket): PluginError {
  return new PluginError('PLUGIN_CALL_TIMEOUT', `${serviceMethod} was not answered within ${timeoutMs} ms.`);
}

function cancelled(serviceMethod: string, signal: AbortSignal): PluginError {
  return new PluginError('PLUGIN_CALL_CANCELLED', `${serviceMethod} was cancelled.`, {
    cause: signal.reason,
  });
}
