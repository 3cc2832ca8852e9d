/**
 * What two gRPC brokers say to each other (go-plugin grpc_broker.go), without the stream they say it on: a
 * number is announced with an address, or knocked at and opened. Announcements may come before anybody asks
 * for them; whichever of the two waits alone is dropped after the time-out.
 */
import type { CancelTimer, Clock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import type { ConnInfo } from '../grpc/conn-info.ts';

/** Announcements kept until somebody asks for them. */
const MAX_EARLY = 1024;

export interface BrokerExchangeOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  send(info: ConnInfo): void;
}

interface Waiter {
  readonly cancel: CancelTimer;
  resolve(info: ConnInfo): void;
  reject(error: PluginError): void;
}

export class BrokerExchange {
  readonly #options: BrokerExchangeOptions;
  readonly #waiters = new Map<number, Waiter>();
  readonly #early = new Map<number, { readonly info: ConnInfo; readonly cancel: CancelTimer }>();
  #lastId = 0;
  #end: PluginError | undefined;
  /** Opens for a number the peer knocks at; answers why not, or '' when it does. */
  onKnock: (id: number) => string = (id) => `no listener for id ${id}`;

  constructor(options: BrokerExchangeOptions) {
    this.#options = options;
  }

  /** A number not used yet on this side, from 1. */
  nextId(): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    return this.#lastId;
  }

  send(info: ConnInfo): void {
    this.#options.send(info);
  }

  /** Takes what the peer said. */
  receive(info: ConnInfo): void {
    const { serviceId: id, knock } = info;
    if (knock?.isKnock === true && !knock.isAck) {
      const error = this.onKnock(id);
      this.send({ serviceId: id, network: '', address: '', knock: { isKnock: true, isAck: true, error } });
      return;
    }
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) {
      this.#keep(info);
    } else {
      this.#waiters.delete(id);
      waiter.cancel();
      waiter.resolve(info);
    }
  }

  /** What the peer says of a number, now or in time; rejects with `PLUGIN_BROKER_FAILED` or the connection's end. */
  expect(id: number, timeoutMs: number): Promise<ConnInfo> {
    const early = this.#early.get(id);
    if (early !== undefined) {
      this.#early.delete(id);
      early.cancel();
      return Promise.resolve(early.info);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const { promise, resolve, reject } = Promise.withResolvers<ConnInfo>();
    const cancel = this.#options.clock.schedule(timeoutMs, () => {
      this.#waiters.delete(id);
      reject(brokerFailed(`The peer said nothing of broker id ${id} in time.`));
    });
    this.#waiters.set(id, { cancel, resolve, reject });
    return promise;
  }

  close(error: PluginError): void {
    this.#end = error;
    for (const { cancel, reject } of this.#waiters.values()) {
      cancel();
      reject(error);
    }
    for (const { cancel } of this.#early.values()) cancel();
    this.#waiters.clear();
    this.#early.clear();
  }

  #keep(info: ConnInfo): void {
    const { serviceId: id } = info;
    if (this.#end !== undefined || this.#early.size >= MAX_EARLY || this.#early.has(id)) return;
    const cancel = this.#options.clock.schedule(this.#options.timeoutMs, () => this.#early.delete(id));
    this.#early.set(id, { info, cancel });
  }
}

export function brokerFailed(message: string, cause?: unknown): PluginError {
  return new PluginError('PLUGIN_BROKER_FAILED', message, { cause });
}
