/**
 * Services beside the dispensed ones, agreed upon by a number (go-plugin mux_broker.go): callbacks of a plugin
 * into its host, and whatever a host or a plugin hands out by number. Both sides have one, alike.
 */
import type { RpcService } from '../net-rpc/rpc-service.ts';
import { CallStream } from './call-stream.ts';
import type { MuxBroker } from './mux-broker.ts';
import { NetRpcChannel } from './net-rpc-channel.ts';
import type { CallOptions, RpcChannel } from './plugin-connection.ts';
import { ServeStream } from './serve-stream.ts';
import { gobLimitsOf, type TransportLimits } from './transport-limits.ts';
import type { YamuxConnection } from './yamux-connection.ts';

export interface RpcBroker {
  /**
   * Serves `service` as `Plugin` to whoever dials the number answered, once. The peer has the broker's time-out
   * (5 s) to do so; then the number is good for nothing.
   */
  serve(service: RpcService): number;
  /** Dials a number the peer serves. Rejects with `PLUGIN_BROKER_FAILED` or the connection's end. */
  dial(id: number, options: Pick<CallOptions, 'timeoutMs'>): Promise<RpcChannel>;
}

export interface NetRpcBrokerOptions {
  readonly connection: YamuxConnection;
  readonly broker: MuxBroker;
  readonly limits: TransportLimits;
}

export class NetRpcBroker implements RpcBroker {
  readonly #connection: YamuxConnection;
  readonly #broker: MuxBroker;
  readonly #limits: TransportLimits;

  constructor({ connection, broker, limits }: NetRpcBrokerOptions) {
    this.#connection = connection;
    this.#broker = broker;
    this.#limits = limits;
  }

  serve(service: RpcService): number {
    const id = this.#broker.nextId();
    this.#broker.accept(id).then(
      (stream) =>
        new ServeStream({
          stream,
          services: new Map([['Plugin', service]]),
          gobLimits: gobLimitsOf(this.#limits),
          maxPendingRequests: this.#limits.maxPendingRequests,
          onFailed: (error) => this.#connection.fail(error),
        }),
      // Nobody came for it, or the connection is gone: the service is dropped.
      () => undefined,
    );
    return id;
  }

  async dial(id: number, { timeoutMs }: Pick<CallOptions, 'timeoutMs'>): Promise<RpcChannel> {
    const stream = await this.#broker.dial(id, Math.min(timeoutMs, this.#limits.brokerTimeoutMs));
    const gobLimits = gobLimitsOf(this.#limits);
    return new NetRpcChannel(new CallStream({ connection: this.#connection, stream, gobLimits }));
  }
}
