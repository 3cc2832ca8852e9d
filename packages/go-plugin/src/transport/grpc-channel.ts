import { PluginError } from '../errors.ts';
import type { CallOptions, GrpcChannel } from './plugin-connection.ts';
import type { CallOwner } from './unary-call.ts';

/** What makes the calls of a channel. */
export interface GrpcCalls {
  unary(
    request: { readonly path: string; readonly message: Uint8Array; readonly owner: CallOwner },
    options: CallOptions,
  ): Promise<Uint8Array>;
  abandon(owner: CallOwner, error: PluginError): void;
}

/** A dispensed plugin over gRPC: calls of its own on the connection all plugins share. */
export class SharedGrpcChannel implements GrpcChannel, CallOwner {
  readonly #calls: GrpcCalls;
  /** Kept by the caller of the connection. */
  pendingCalls = 0;
  #closed: PluginError | undefined;

  constructor(calls: GrpcCalls) {
    this.#calls = calls;
  }

  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return this.#calls.unary({ path, message, owner: this }, options);
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new PluginError('PLUGIN_CLOSED', 'The dispensed plugin was closed.');
    this.#calls.abandon(this, this.#closed);
  }
}
