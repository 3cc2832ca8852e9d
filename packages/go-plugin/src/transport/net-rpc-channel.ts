import { PluginError } from '../errors.ts';
import type { CallStream } from './call-stream.ts';
import type { CallOptions, GobArgument, GobReply, RpcChannel } from './plugin-connection.ts';

/** A dispensed plugin over net/rpc: the service on its stream is always called `Plugin`. */
export class NetRpcChannel implements RpcChannel {
  readonly #calls: CallStream;
  /** The method called last, and its name in the service. */
  #method = '';
  #serviceMethod = '';

  constructor(calls: CallStream) {
    this.#calls = calls;
  }

  get pendingCalls(): number {
    return this.#calls.pendingCalls;
  }

  call(method: string, argument: GobArgument, options: CallOptions): Promise<GobReply> {
    if (method !== this.#method) {
      this.#method = method;
      this.#serviceMethod = `Plugin.${method}`;
    }
    return this.#calls.call(this.#serviceMethod, argument, options);
  }

  close(): void {
    this.#calls.close(new PluginError('PLUGIN_CLOSED', 'The dispensed plugin was closed.'));
  }
}
