/**
 * The plugin's end of a net/rpc connection (go-plugin rpc_server.go, ServeConn). The host's first three
 * streams are control, stdout and stderr; nothing is served before the third. Later ones belong to the
 * broker: each Dispense makes a service of its own and serves it as `Plugin` on the stream agreed upon.
 */
import type { Duplex } from 'node:stream';
import { systemClock } from '../clock.ts';
import { GOB_BOOL, GOB_EMPTY_STRUCT, GOB_STRING, GOB_UINT } from '../gob/schema.ts';
import type { RpcService } from '../net-rpc/rpc-service.ts';
import { MuxBroker } from './mux-broker.ts';
import type { MuxStream } from './mux-stream.ts';
import { OutputWriter } from './output-writer.ts';
import { NetRpcBroker, type RpcBroker } from './rpc-broker.ts';
import { ServeStream } from './serve-stream.ts';
import type { ServedConnection, ServeOptions } from './served-connection.ts';
import {
  DEFAULT_SERVE_LIMITS,
  gobLimitsOf,
  type TransportLimits,
  yamuxLimitsOf,
} from './transport-limits.ts';
import { YamuxConnection } from './yamux-connection.ts';

/** Serves a host on `socket`, which the connection owns from now on. */
export function serveNetRpcConnection(socket: Duplex, options: ServeOptions): ServedConnection {
  return new NetRpcPluginConnection(socket, options);
}

class NetRpcPluginConnection implements ServedConnection {
  readonly #options: ServeOptions;
  readonly #limits: TransportLimits;
  readonly #connection: YamuxConnection;
  readonly #broker: MuxBroker;
  readonly #rpcBroker: RpcBroker;
  /** The first three streams, until there are three. */
  readonly #fixed: MuxStream[] = [];
  #hasQuit: boolean = false;

  constructor(socket: Duplex, options: ServeOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_SERVE_LIMITS, ...options.limits };
    this.#connection = new YamuxConnection(socket, {
      role: 'plugin',
      clock: options.clock ?? systemClock,
      limits: yamuxLimitsOf(this.#limits),
      onStream: (stream) => this.#accept(stream),
    });
    this.#broker = new MuxBroker(this.#connection, this.#limits.brokerTimeoutMs);
    this.#rpcBroker = new NetRpcBroker({
      connection: this.#connection,
      broker: this.#broker,
      limits: this.#limits,
    });
  }

  /** The host's going away is the orderly end, whichever way it closes. */
  get closed(): Promise<Error | undefined> {
    return this.#connection.closed.then((error) =>
      error?.code === 'PLUGIN_CONNECTION_LOST' && error.cause === undefined ? undefined : error,
    );
  }

  close(): void {
    this.#connection.close();
  }

  #accept(stream: MuxStream): void {
    if (this.#fixed.length === 3) {
      this.#broker.incoming(stream);
      return;
    }
    this.#fixed.push(stream);
    const [control, stdout, stderr] = this.#fixed;
    if (control === undefined || stdout === undefined || stderr === undefined) return;
    this.#serve(control, new Map([this.#controlService(), this.#dispenserService()]));
    new OutputWriter(stdout, this.#options.stdout);
    new OutputWriter(stderr, this.#options.stderr);
  }

  #serve(stream: MuxStream, services: ReadonlyMap<string, RpcService>): void {
    new ServeStream({
      stream,
      services,
      gobLimits: gobLimitsOf(this.#limits),
      maxPendingRequests: this.#limits.maxPendingRequests,
      onFailed: (error) => this.#connection.fail(error),
    });
  }

  #controlService(): readonly [string, RpcService] {
    const method = { argument: GOB_BOOL, reply: GOB_EMPTY_STRUCT };
    return [
      'Control',
      {
        Ping: { ...method, handle: () => ({}) },
        Quit: { ...method, handle: () => this.#quit() },
      },
    ];
  }

  #dispenserService(): readonly [string, RpcService] {
    const handle = (name: unknown): number => this.#dispense(String(name));
    return ['Dispenser', { Dispense: { argument: GOB_STRING, reply: GOB_UINT, handle } }];
  }

  /** Throws Go's own words for an unknown name; they reach the host. */
  #dispense(name: string): number {
    const service = this.#options.dispense(name, this.#rpcBroker);
    if (service === undefined) throw new Error(`unknown plugin type: ${name}`);
    return this.#rpcBroker.serve(service);
  }

  /** Answers first: `onQuit` runs once the answer was written. */
  #quit(): object {
    if (!this.#hasQuit) {
      this.#hasQuit = true;
      setImmediate(() => this.#connection.flush(() => this.#options.onQuit()));
    }
    return {};
  }
}
