/**
 * How the connections behind broker numbers come about: each on a socket of its own, or all as streams of the
 * one multiplexer.
 */
import type { Duplex } from 'node:stream';
import type { PluginAddress } from '../handshake/plugin-address.ts';
import type { BrokerExchange } from './broker-exchange.ts';
import { brokerFailed } from './broker-exchange.ts';
import { MuxDuplex } from './mux-duplex.ts';
import type { MuxStream } from './mux-stream.ts';
import type { YamuxConnection } from './yamux-connection.ts';

export interface BrokerDoors {
  /** Lets the peer in by a number, until the answer is called. */
  open(id: number, exchange: BrokerExchange, enter: (stream: Duplex) => void): Promise<() => void>;
  /** Enters by a number of the peer's. Rejects with `PLUGIN_BROKER_FAILED` and whatever connecting fails with. */
  dial(id: number, exchange: BrokerExchange, timeoutMs: number): Promise<Duplex>;
}

/** What each role does in its own way. */
export interface SocketMeans {
  listen(onConnection: (stream: Duplex) => void): Promise<{ readonly address: PluginAddress; close(): void }>;
  connect(address: PluginAddress): Promise<Duplex>;
}

/** A socket for each number, whose address the accepting side announces. */
export class SocketDoors implements BrokerDoors {
  readonly #means: SocketMeans;

  constructor(means: SocketMeans) {
    this.#means = means;
  }

  async open(id: number, exchange: BrokerExchange, enter: (stream: Duplex) => void): Promise<() => void> {
    const { address, close } = await this.#means.listen(enter);
    exchange.send({ serviceId: id, network: address.network, address: textOf(address) });
    return close;
  }

  async dial(id: number, exchange: BrokerExchange, timeoutMs: number): Promise<Duplex> {
    const { network, address } = await exchange.expect(id, timeoutMs);
    return this.#means.connect(addressOf(network, address));
  }
}

/**
 * A stream of the multiplexer for each connection (go-plugin internal/grpcmux). Whoever dials knocks, waits until
 * the other side opens, and the next stream is theirs: one at a time on each side. A stream nobody knocked for
 * goes where `onStranger` says.
 */
export class KnockDoors implements BrokerDoors {
  readonly #connection: YamuxConnection;
  readonly #onStranger: (stream: MuxStream) => void;
  readonly #rooms = new Map<number, (stream: Duplex) => void>();
  /** Whoever the next streams of the peer are for, in order. */
  readonly #expected: ((stream: Duplex) => void)[] = [];
  /** The last dial of this side, which the next one waits for. */
  #dialling: Promise<unknown> = Promise.resolve();

  constructor(connection: YamuxConnection, onStranger: (stream: MuxStream) => void) {
    this.#connection = connection;
    this.#onStranger = onStranger;
  }

  /** Takes a stream the peer opened. */
  incoming(stream: MuxStream): void {
    const enter = this.#expected.shift();
    if (enter === undefined) this.#onStranger(stream);
    else enter(new MuxDuplex(stream));
  }

  async open(id: number, exchange: BrokerExchange, enter: (stream: Duplex) => void): Promise<() => void> {
    exchange.onKnock = (knocked) => this.#knocked(knocked);
    this.#rooms.set(id, enter);
    return () => this.#rooms.delete(id);
  }

  dial(id: number, exchange: BrokerExchange, timeoutMs: number): Promise<Duplex> {
    const dialled = this.#dialling.then(() => this.#knock(id, exchange, timeoutMs));
    this.#dialling = dialled.catch(() => undefined);
    return dialled;
  }

  #knocked(id: number): string {
    const enter = this.#rooms.get(id);
    if (enter === undefined) return `no listener for id ${id}`;
    this.#expected.push(enter);
    return '';
  }

  async #knock(id: number, exchange: BrokerExchange, timeoutMs: number): Promise<Duplex> {
    exchange.send({
      serviceId: id,
      network: '',
      address: '',
      knock: { isKnock: true, isAck: false, error: '' },
    });
    const { knock } = await exchange.expect(id, timeoutMs);
    if (knock?.isAck !== true) throw brokerFailed(`The peer did not open for broker id ${id}.`);
    if (knock.error !== '') throw brokerFailed(`The peer does not open for broker id ${id}: ${knock.error}`);
    return new MuxDuplex(await this.#connection.openInTurn());
  }
}

function textOf(address: PluginAddress): string {
  return address.network === 'unix' ? address.path : `${address.host}:${address.port}`;
}

function addressOf(network: string, text: string): PluginAddress {
  if (network === 'unix' && text !== '') return { network, path: text };
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (network === 'tcp' && host !== undefined) return { network, host, port: Number(port) };
  throw brokerFailed('The peer announced a broker id at no address.');
}
