/**
 * The host's end of a net/rpc connection (go-plugin rpc_client.go). It opens three streams in a fixed
 * order: control, on which the services Control and Dispenser answer, stdout and stderr; each dispensed
 * plugin has a stream of its own, agreed upon by the broker.
 */
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { GOB_BOOL, GOB_STRING } from '../gob/schema.ts';
import { CallStream } from './call-stream.ts';
import { MuxBroker } from './mux-broker.ts';
import type { MuxStream } from './mux-stream.ts';
import { OutputReader } from './output-reader.ts';
import type { CallOptions, GobReply, NetRpcPluginConnection, RpcChannel } from './plugin-connection.ts';
import { NetRpcBroker, type RpcBroker } from './rpc-broker.ts';
import {
  DEFAULT_TRANSPORT_LIMITS,
  gobLimitsOf,
  type TransportLimits,
  yamuxLimitsOf,
} from './transport-limits.ts';
import { YamuxConnection } from './yamux-connection.ts';

export interface NetRpcHostOptions {
  /** What the plugin prints, in pieces as they come. */
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
}

/**
 * Speaks net/rpc with a plugin on `socket`, which must be connected and which the connection owns from now
 * on. Streams are opened at once; a failure shows in `closed`.
 */
export function connectNetRpc(socket: Duplex, options: NetRpcHostOptions): NetRpcPluginConnection {
  return new NetRpcHostConnection(socket, options);
}

class NetRpcHostConnection implements NetRpcPluginConnection {
  readonly protocol = 'netrpc';
  readonly #limits: TransportLimits;
  readonly #connection: YamuxConnection;
  readonly #broker: MuxBroker;
  readonly broker: RpcBroker;
  readonly #control: CallStream;
  /** The three first streams, which an orderly end finishes in this order. */
  readonly #fixed: readonly MuxStream[];

  constructor(socket: Duplex, options: NetRpcHostOptions) {
    this.#limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits };
    this.#connection = new YamuxConnection(socket, {
      role: 'host',
      clock: options.clock ?? systemClock,
      limits: yamuxLimitsOf(this.#limits),
      onStream: (stream) => this.#broker.incoming(stream),
    });
    this.#broker = new MuxBroker(this.#connection, this.#limits.brokerTimeoutMs);
    this.broker = new NetRpcBroker({
      connection: this.#connection,
      broker: this.#broker,
      limits: this.#limits,
    });
    const control = this.#connection.open();
    const stdout = this.#connection.open();
    const stderr = this.#connection.open();
    this.#fixed = [control, stdout, stderr];
    this.#control = this.#callsOn(control);
    stdout.setOwner(new OutputReader(stdout, this.#connection, (bytes) => options.onStdout(bytes)));
    stderr.setOwner(new OutputReader(stderr, this.#connection, (bytes) => options.onStderr(bytes)));
  }

  get closed(): Promise<Error | undefined> {
    return this.#connection.closed;
  }

  async dispense(name: string, options: CallOptions): Promise<RpcChannel> {
    const argument = { type: GOB_STRING, value: name };
    const startedAt = this.#connection.now();
    const reply = await this.#control.call('Dispenser.Dispense', argument, options);
    const left = options.timeoutMs - (this.#connection.now() - startedAt);
    return this.broker.dial(brokerId(reply, name), { timeoutMs: left });
  }

  async ping(options: CallOptions): Promise<void> {
    await this.#control.call('Control.Ping', { type: GOB_BOOL, value: true }, options);
  }

  async quit(options: CallOptions): Promise<void> {
    await this.#control.call('Control.Quit', { type: GOB_BOOL, value: true }, options);
  }

  close(): void {
    for (const stream of this.#fixed) stream.finish();
    this.#connection.close();
  }

  #callsOn(stream: MuxStream): CallStream {
    return new CallStream({ connection: this.#connection, stream, gobLimits: gobLimitsOf(this.#limits) });
  }
}

/** The number in the reply of Dispense, a uint32. */
function brokerId({ value }: GobReply, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff)
    return value;
  throw new PluginError('PLUGIN_BROKER_FAILED', `Dispensing ${name} was not answered by a broker id.`);
}
