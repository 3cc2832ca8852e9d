/**
 * gRPC services on the connections of a host: each on a socket of its own or, when the host asked for it, on
 * the streams of a multiplexer, with TLS inside each (go-plugin internal/grpcmux).
 */
import type { Duplex } from 'node:stream';
import { systemClock } from '../clock.ts';
import { type BrokerDoors, KnockDoors, SocketDoors } from '../transport/broker-doors.ts';
import { brokerFailed } from '../transport/broker-exchange.ts';
import { GrpcPluginServer } from '../transport/grpc-plugin.ts';
import { MuxDuplex } from '../transport/mux-duplex.ts';
import type { ServedConnection } from '../transport/served-connection.ts';
import { YamuxConnection } from '../transport/yamux-connection.ts';
import type { GrpcPluginSet } from './plugin-serve-config.ts';
import type { ProcessLink, ServedTransport } from './served-transport.ts';

export function serveGrpcSet({ services }: GrpcPluginSet, link: ProcessLink): ServedTransport {
  const multiplexers = new Multiplexers(link);
  const server = new GrpcPluginServer({
    ...link,
    services: typeof services === 'function' ? services : () => services,
    doors: link.isMultiplexed ? multiplexers : new SocketDoors(link.means),
  });
  return {
    protocol: 'grpc',
    accept: async (socket) =>
      link.isMultiplexed
        ? multiplexers.accept(socket, server)
        : server.accept(await link.security.accepted(socket)),
  };
}

/** The multiplexers of a host's connections; the broker uses the last one, as a host has one. */
class Multiplexers implements BrokerDoors {
  readonly #link: ProcessLink;
  #doors: KnockDoors | undefined;

  constructor(link: ProcessLink) {
    this.#link = link;
  }

  /** A stream nobody knocked for is one more connection to the main server. */
  accept(socket: Duplex, server: GrpcPluginServer): ServedConnection {
    const multiplexer = new YamuxConnection(socket, {
      role: 'plugin',
      clock: systemClock,
      onStream: (stream) => doors.incoming(stream),
    });
    const doors = new KnockDoors(multiplexer, (stream) => {
      this.#link.security.accepted(new MuxDuplex(stream)).then(
        (secured) => server.accept(secured),
        // Somebody who is not the host: its stream is gone already.
        () => undefined,
      );
    });
    this.#doors = doors;
    return { closed: multiplexer.closed, close: () => multiplexer.close() };
  }

  open(...given: Parameters<BrokerDoors['open']>): Promise<() => void> {
    return this.#current().then((doors) => doors.open(...given));
  }

  dial(...given: Parameters<BrokerDoors['dial']>): Promise<Duplex> {
    return this.#current().then((doors) => doors.dial(...given));
  }

  async #current(): Promise<KnockDoors> {
    if (this.#doors === undefined) throw brokerFailed('No host is connected.');
    return this.#doors;
  }
}
