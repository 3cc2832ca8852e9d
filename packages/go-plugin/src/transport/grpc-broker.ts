/**
 * Services beside those of the connection, agreed upon by a number (go-plugin grpc_broker.go): callbacks of a
 * plugin into its host, and whatever a host or a plugin hands out by number. Both sides have one, alike.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { GrpcService } from '../grpc/grpc-service.ts';
import type { BrokerDoors } from './broker-doors.ts';
import type { BrokerExchange } from './broker-exchange.ts';
import type { ChannelSecurity } from './channel-security.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { GrpcCaller } from './grpc-caller.ts';
import { SharedGrpcChannel } from './grpc-channel.ts';
import type { GrpcLimits } from './grpc-limits.ts';
import { GrpcServer } from './grpc-server.ts';
import { connectionLost, endOf, openHttp2 } from './http2-session.ts';
import type { CallOptions, GrpcChannel } from './plugin-connection.ts';

export interface GrpcBroker {
  /** Serves to whoever dials the number, until it is closed or the connection ends. */
  serve(services: readonly GrpcService[]): BrokeredServer;
  /** Connects to what the peer serves by a number. Rejects with `PLUGIN_BROKER_FAILED` or the connection's end. */
  dial(id: number, options: Pick<CallOptions, 'timeoutMs'>): Promise<GrpcChannel>;
}

/** What is served by a number. */
export interface BrokeredServer {
  /** To be told to the peer in some call. */
  readonly id: number;
  /** Ends its connections and lets nobody in any more. Idempotent. */
  close(): void;
}

export interface GrpcBrokerOptions {
  readonly exchange: BrokerExchange;
  readonly doors: BrokerDoors;
  readonly security: ChannelSecurity;
  readonly limits: GrpcLimits;
  readonly clock: Clock;
}

export class SharedGrpcBroker implements GrpcBroker {
  readonly #options: GrpcBrokerOptions;
  /** What ends with the connection. */
  readonly #closers = new Set<() => void>();

  constructor(options: GrpcBrokerOptions) {
    this.#options = options;
  }

  serve(services: readonly GrpcService[]): BrokeredServer {
    const { exchange, doors, security, limits, clock } = this.#options;
    const id = exchange.nextId();
    const server = new GrpcServer({ services, limits, clock });
    const enter = (stream: Duplex): void => {
      security.accepted(stream).then(
        (secured) => server.accept(secured),
        // Somebody else than the peer: it is refused, the number stays.
        () => undefined,
      );
    };
    // One that cannot be listened for is never announced: whoever dials it hears of it by the time-out.
    const opened = doors.open(id, exchange, enter).catch(() => () => undefined);
    const close = (): void => {
      this.#closers.delete(close);
      server.close();
      void opened.then((shut) => shut());
    };
    this.#closers.add(close);
    return { id, close };
  }

  async dial(id: number, { timeoutMs }: Pick<CallOptions, 'timeoutMs'>): Promise<GrpcChannel> {
    const { exchange, doors, security, limits } = this.#options;
    const raw = await doors.dial(id, exchange, Math.min(timeoutMs, limits.brokerTimeoutMs));
    const channel = new DialledChannel(await security.dialled(raw), this.#options);
    const close = (): void => channel.close();
    this.#closers.add(close);
    void channel.ended.then(() => this.#closers.delete(close));
    return channel;
  }

  /** Ends everything that came about by this broker. */
  close(error: PluginError): void {
    this.#options.exchange.close(error);
    for (const close of [...this.#closers]) close();
  }
}

/** A dialled connection, which is the channel's own. */
class DialledChannel implements GrpcChannel {
  readonly #channel: SharedGrpcChannel;
  readonly #end: (error: PluginError) => void;
  /** Settles when the connection is over. */
  readonly ended: Promise<unknown>;

  constructor(stream: Duplex, { security, limits, clock }: GrpcBrokerOptions) {
    const session = openHttp2(stream);
    const timer = new DeadlineTimer(clock);
    const { isTls } = security;
    const caller = new GrpcCaller({ session, isTls, limits, timer, now: () => clock.now() });
    this.#channel = new SharedGrpcChannel(caller);
    this.#end = (error) => {
      caller.close(error);
      timer.stop();
      session.destroy();
    };
    this.ended = endOf(session).then((cause) => this.#end(connectionLost(cause)));
  }

  get pendingCalls(): number {
    return this.#channel.pendingCalls;
  }

  unary(path: string, request: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    return this.#channel.unary(path, request, options);
  }

  close(): void {
    this.#channel.close();
    this.#end(new PluginError('PLUGIN_CLOSED', 'The dialled connection was closed.'));
  }
}
