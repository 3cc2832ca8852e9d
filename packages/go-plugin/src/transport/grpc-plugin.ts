/**
 * The plugin's end of its gRPC connections (go-plugin grpc_server.go): its own services beside those every
 * plugin has: health, GRPCController and GRPCStdio. A host may connect any number of times.
 */
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { BROKER_PATH, type ConnInfo } from '../grpc/conn-info.ts';
import { EMPTY_MESSAGE, SHUTDOWN_PATH } from '../grpc/controller.ts';
import type { GrpcService } from '../grpc/grpc-service.ts';
import { GRPC_STATUS, GrpcStatusError } from '../grpc/grpc-status.ts';
import {
  decodeHealthRequest,
  encodeHealthReply,
  HEALTH_SERVICE,
  HEALTH_WATCH_PATH,
  HEALTHY_NAME,
  SERVICE_UNKNOWN,
  SERVING,
} from '../grpc/health.ts';
import { frameMessage } from '../grpc/message-frame.ts';
import { STREAM_STDIO_PATH } from '../grpc/stdio.ts';
import type { BrokerDoors } from './broker-doors.ts';
import { BrokerExchange } from './broker-exchange.ts';
import { readConnInfos, writeConnInfo } from './broker-stream.ts';
import { ByteBudget } from './byte-budget.ts';
import type { ChannelSecurity } from './channel-security.ts';
import { type GrpcBroker, SharedGrpcBroker } from './grpc-broker.ts';
import { DEFAULT_GRPC_SERVE_LIMITS, type GrpcLimits } from './grpc-limits.ts';
import { beginReply, endWithStatus } from './grpc-reply.ts';
import { GrpcServer, type StreamHandler } from './grpc-server.ts';
import { OneMessage } from './one-message.ts';
import type { ServedConnection } from './served-connection.ts';
import { writeStdio } from './stdio-writer.ts';

/** What a plugin serves on all connections of its host. */
export interface GrpcServeOptions {
  /** Given the broker of the connection to the host. */
  services(broker: GrpcBroker): readonly GrpcService[];
  /** How connections of the broker come about. */
  readonly doors: BrokerDoors;
  readonly security: ChannelSecurity;
  /** The process's output for the host; a connection's iterator is returned when the connection ends. */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Called when `GRPCController.Shutdown` was answered: the process is to end. */
  onQuit(): void;
  readonly limits?: Partial<GrpcLimits>;
  readonly clock?: Clock;
}

/** What the broker may say while no host listens. */
const MAX_UNSENT = 256;

/** How long the answer to Shutdown may take to leave. */
const SHUTDOWN_MS = 200;

export class GrpcPluginServer {
  readonly #options: GrpcServeOptions;
  readonly #limits: GrpcLimits;
  readonly #clock: Clock;
  readonly #server: GrpcServer;
  readonly #exchange: BrokerExchange;
  readonly #broker: SharedGrpcBroker;
  /** The host's stream for the broker, once it opened one. */
  #brokerStream: ServerHttp2Stream | undefined;
  /** What the broker said before that. */
  #unsent: ConnInfo[] = [];

  constructor(options: GrpcServeOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_GRPC_SERVE_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#exchange = new BrokerExchange({
      timeoutMs: this.#limits.brokerTimeoutMs,
      clock: this.#clock,
      send: (info) => this.#send(info),
    });
    this.#broker = new SharedGrpcBroker({
      exchange: this.#exchange,
      doors: options.doors,
      security: options.security,
      limits: this.#limits,
      clock: this.#clock,
    });
    this.#server = new GrpcServer({
      services: [...options.services(this.#broker), HEALTH],
      streams: this.#streams(),
      limits: this.#limits,
      clock: this.#clock,
    });
  }

  /** Serves a host on `stream`, which the connection owns from now on. */
  accept(stream: Duplex): ServedConnection {
    return this.#server.accept(stream);
  }

  /** Ends what came about by the broker. Connections end with their streams. */
  close(): void {
    this.#broker.close(new PluginError('PLUGIN_CLOSED', 'The plugin ends.'));
  }

  /** A host has one stream; of several the last counts. */
  #serveBroker(stream: ServerHttp2Stream): void {
    this.#brokerStream = stream;
    readConnInfos(stream, (info) => this.#exchange.receive(info));
    beginReply(stream);
    for (const info of this.#unsent) writeConnInfo(stream, info);
    this.#unsent = [];
  }

  #send(info: ConnInfo): void {
    const stream = this.#brokerStream;
    if (stream !== undefined && !stream.destroyed) writeConnInfo(stream, info);
    else if (this.#unsent.length < MAX_UNSENT) this.#unsent.push(info);
  }

  /** Answers first: Go plugins do not, and hosts do without an answer. */
  #shutdown(stream: ServerHttp2Stream): void {
    const quit = (): void => this.#options.onQuit();
    const cancel = this.#clock.schedule(SHUTDOWN_MS, quit);
    stream.once('close', () => {
      cancel();
      quit();
    });
    stream.resume();
    beginReply(stream);
    stream.end(frameMessage(EMPTY_MESSAGE));
  }

  #streams(): ReadonlyMap<string, StreamHandler> {
    return new Map<string, StreamHandler>([
      [SHUTDOWN_PATH, (stream) => this.#shutdown(stream)],
      [BROKER_PATH, (stream) => this.#serveBroker(stream)],
      [STREAM_STDIO_PATH, (stream) => writeStdio(stream, this.#options)],
      [HEALTH_WATCH_PATH, (stream) => this.#watchHealth(stream)],
    ]);
  }

  /** The state never changes: it is told once, and the stream stays open. */
  #watchHealth(stream: ServerHttp2Stream): void {
    const request = new OneMessage(this.#limits.maxMessageBytes, new ByteBudget(Infinity));
    stream.on('data', (bytes: Uint8Array) => {
      try {
        request.push(bytes);
        const message = request.whole;
        if (message === undefined || stream.headersSent) return;
        const status = decodeHealthRequest(message) === HEALTHY_NAME ? SERVING : SERVICE_UNKNOWN;
        beginReply(stream);
        stream.write(frameMessage(encodeHealthReply(status)));
      } catch (error) {
        endWithStatus(stream, new GrpcStatusError(GRPC_STATUS.INTERNAL, String(error)));
      }
    });
  }
}

/** `grpc.health.v1.Health`, which knows the plugin under one name. */
const HEALTH: GrpcService = {
  name: HEALTH_SERVICE,
  methods: {
    Check: (request) => {
      if (decodeHealthRequest(request) === HEALTHY_NAME) return encodeHealthReply(SERVING);
      throw new GrpcStatusError(GRPC_STATUS.NOT_FOUND, 'unknown service');
    },
  },
};
