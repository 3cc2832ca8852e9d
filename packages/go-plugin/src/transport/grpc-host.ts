/**
 * The host's end of a gRPC connection (go-plugin grpc_client.go): calls of dispensed plugins, the health
 * service as Ping, GRPCController.Shutdown as Quit, and the plugin's output by GRPCStdio.
 *
 * A plugin may end a connection in order that was idle, or old (HTTP/2 GOAWAY without an error). Calls under
 * way are then answered on it, the next one is made on a new connection, and so is one that crossed the end
 * and was not begun. Any other end is the end.
 */
import type { ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { BROKER_PATH } from '../grpc/conn-info.ts';
import { EMPTY_MESSAGE, SHUTDOWN_PATH } from '../grpc/controller.ts';
import { GrpcStatusError } from '../grpc/grpc-status.ts';
import {
  decodeHealthReply,
  encodeHealthRequest,
  HEALTH_CHECK_PATH,
  HEALTHY_NAME,
  SERVING,
} from '../grpc/health.ts';
import type { BrokerDoors } from './broker-doors.ts';
import { BrokerExchange } from './broker-exchange.ts';
import { readConnInfos, writeConnInfo } from './broker-stream.ts';
import type { ChannelSecurity } from './channel-security.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { type GrpcBroker, SharedGrpcBroker } from './grpc-broker.ts';
import type { UnaryRequest } from './grpc-caller.ts';
import { type GrpcCalls, SharedGrpcChannel } from './grpc-channel.ts';
import { DEFAULT_GRPC_LIMITS, type GrpcLimits } from './grpc-limits.ts';
import { GrpcLink } from './grpc-link.ts';
import { CANCEL, connectionLost, headersOf } from './http2-session.ts';
import type { CallOptions, GrpcChannel, GrpcPluginConnection } from './plugin-connection.ts';
import type { CallOwner } from './unary-call.ts';

export interface GrpcHostOptions {
  /** What the plugin prints, in pieces as they come. */
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  /** What `stream` was made safe by, and connections of the broker will be. */
  readonly security: ChannelSecurity;
  /** How connections of the broker come about. */
  readonly doors: BrokerDoors;
  /** Connects to the plugin once more; absent when there is no way to. */
  redial?(): Promise<Duplex>;
  /** Whether another connection could be made; asked with every ping. Rejects with `PLUGIN_SOCKET_LOST`. */
  checkReachable?(): Promise<void>;
  readonly limits?: Partial<GrpcLimits>;
  readonly clock?: Clock;
}

/** Speaks gRPC with a plugin on `stream`, which must be connected and which the connection owns from now on. */
export function connectGrpc(stream: Duplex, options: GrpcHostOptions): GrpcPluginConnection {
  return new GrpcHostConnection(stream, options);
}

class GrpcHostConnection implements GrpcPluginConnection, GrpcCalls {
  readonly protocol = 'grpc';
  readonly #options: GrpcHostOptions;
  readonly #clock: Clock;
  readonly #timer: DeadlineTimer;
  readonly #closed = Promise.withResolvers<Error | undefined>();
  readonly #health: CallOwner = { pendingCalls: 0 };
  readonly #limits: GrpcLimits;
  #link: GrpcLink;
  #broker: SharedGrpcBroker | undefined;
  /** The stream of the broker, on the link it was opened on. */
  #brokerStream: ClientHttp2Stream | undefined;
  /** A new connection under way. */
  #dialling: Promise<GrpcLink> | undefined;
  #end: PluginError | undefined;

  constructor(stream: Duplex, options: GrpcHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#limits = { ...DEFAULT_GRPC_LIMITS, ...options.limits };
    this.#timer = new DeadlineTimer(this.#clock);
    this.#link = this.#linkOn(stream);
  }

  get closed(): Promise<Error | undefined> {
    return this.#closed.promise;
  }

  get broker(): GrpcBroker {
    this.#broker ??= this.#makeBroker();
    return this.#broker;
  }

  dispense(): GrpcChannel {
    return new SharedGrpcChannel(this);
  }

  unary(request: UnaryRequest, options: CallOptions): Promise<Uint8Array> {
    const startedAt = this.#clock.now();
    return this.#try(request, options).catch((error: unknown) => {
      if (!isUnprocessed(error)) throw error;
      // Once: a plugin that refuses again has another reason than the end of a connection.
      return this.#try(request, { ...options, timeoutMs: startedAt + options.timeoutMs - this.#clock.now() });
    });
  }

  #try(request: UnaryRequest, options: CallOptions): Promise<Uint8Array> {
    if (this.#link.isOpen || this.#end !== undefined) return this.#link.caller.unary(request, options);
    return this.#redial().then((link) => link.caller.unary(request, options));
  }

  abandon(owner: CallOwner, error: PluginError): void {
    this.#link.caller.abandon(owner, error);
  }

  async ping(options: CallOptions): Promise<void> {
    const request = {
      path: HEALTH_CHECK_PATH,
      message: encodeHealthRequest(HEALTHY_NAME),
      owner: this.#health,
    };
    const [reply] = await Promise.all([this.unary(request, options), this.#options.checkReachable?.()]);
    const status = decodeHealthReply(reply);
    if (status === SERVING) return;
    throw new PluginError(
      'PLUGIN_CALL_FAILED',
      `The plugin says of its health ${status} instead of SERVING.`,
    );
  }

  /** Go plugins stop in the middle of answering: a connection that ends is the answer. */
  async quit(options: CallOptions): Promise<void> {
    const request = { path: SHUTDOWN_PATH, message: EMPTY_MESSAGE, owner: this.#health };
    try {
      await this.unary(request, options);
    } catch (error) {
      if (!(error instanceof PluginError) || error.code !== 'PLUGIN_CONNECTION_LOST') throw error;
    }
  }

  close(): void {
    this.#over(undefined);
  }

  #makeBroker(): SharedGrpcBroker {
    const exchange = new BrokerExchange({
      timeoutMs: this.#limits.brokerTimeoutMs,
      clock: this.#clock,
      send: (info) => writeConnInfo(this.#openBrokerStream(exchange), info),
    });
    const { doors, security } = this.#options;
    const broker = new SharedGrpcBroker({
      exchange,
      doors,
      security,
      limits: this.#limits,
      clock: this.#clock,
    });
    // What the plugin announces is heard from now on.
    this.#openBrokerStream(exchange);
    return broker;
  }

  /** The stream both brokers talk on. Throws when the connection is over. */
  #openBrokerStream(exchange: BrokerExchange): ClientHttp2Stream {
    const known = this.#brokerStream;
    if (known !== undefined && !known.destroyed) return known;
    if (this.#end !== undefined) throw this.#end;
    const { session } = this.#link;
    const stream = session.request(headersOf(BROKER_PATH, this.#options.security.isTls), {
      endStream: false,
    });
    session.once('goaway', () => stream.close(CANCEL));
    readConnInfos(stream, (info) => exchange.receive(info));
    this.#brokerStream = stream;
    return stream;
  }

  #linkOn(stream: Duplex): GrpcLink {
    const link = new GrpcLink(stream, {
      isTls: this.#options.security.isTls,
      limits: this.#limits,
      timer: this.#timer,
      clock: this.#clock,
      onStdout: (bytes) => this.#options.onStdout(bytes),
      onStderr: (bytes) => this.#options.onStderr(bytes),
    });
    const state: { isRetired: boolean } = { isRetired: false };
    link.session.once('goaway', (code) => {
      state.isRetired = code === 0 && this.#options.redial !== undefined;
    });
    void link.ended.then((cause) => {
      if (link === this.#link && !(state.isRetired && cause === undefined)) this.#over(connectionLost(cause));
    });
    return link;
  }

  #redial(): Promise<GrpcLink> {
    this.#dialling ??= this.#dial().finally(() => {
      this.#dialling = undefined;
    });
    return this.#dialling;
  }

  async #dial(): Promise<GrpcLink> {
    try {
      const stream = await this.#options.redial?.();
      if (stream === undefined) throw connectionLost(undefined);
      if (this.#end !== undefined) {
        stream.destroy();
        throw this.#end;
      }
      this.#link = this.#linkOn(stream);
      return this.#link;
    } catch (error) {
      const lost = this.#end ?? connectionLost(error instanceof Error ? error : undefined);
      this.#over(lost);
      throw lost;
    }
  }

  /** The one end: by `close` without a cause, or because the connection was lost. */
  #over(cause: PluginError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = cause ?? new PluginError('PLUGIN_CLOSED', 'The connection was closed.');
    this.#broker?.close(this.#end);
    this.#link.close(this.#end);
    this.#timer.stop();
    this.#closed.resolve(cause);
  }
}

/** Whether the call of this error cannot have reached the plugin: a connection that ends in order cuts it off. */
function isUnprocessed(error: unknown): boolean {
  return error instanceof PluginError && error.cause instanceof GrpcStatusError && error.cause.isUnprocessed;
}
