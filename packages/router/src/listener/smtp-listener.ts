import { createServer, type Server, type Socket } from 'node:net';
import { formatReply, type SmtpReply } from '@smtp-router/smtp/grammar';
import { type Clock, systemClock } from '../clock.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { SessionRefused } from '../events/router-event.ts';
import { acceptIntoOneBuffer } from '../reused-read-buffer.ts';
import type { AddressSlot, AddressSlots } from './address-slots.ts';
import { listenError } from './listen-error.ts';
import { ListenerConnection } from './listener-connection.ts';
import {
  type ConnectionOptions,
  formatAddress,
  type ListenAddress,
  type ListenerOptions,
} from './listener-options.ts';
import { notServing, shuttingDown, tooManyConnections, tooManyFromAddress } from './listener-reply.ts';
import { openByProxyHeader } from './proxy-opening.ts';
import type { ConnectionFacts, SessionHandlerFactory } from './session-handler.ts';

/** Waiting connections the kernel keeps; it lowers the number to its own limit (net.core.somaxconn). */
const BACKLOG = 4_096;

/** What is said to whom no session is opened for. */
const REFUSALS = {
  draining: shuttingDown,
  'too-many-connections': tooManyConnections,
  'too-many-from-address': tooManyFromAddress,
} as const;

/**
 * Listens on one address and drives a `ListenerConnection` for each client. A failure to accept is
 * reported and survived; when file descriptors run out, Node itself accepts and drops connections.
 */
export class SmtpListener {
  readonly #options: ListenerOptions;
  readonly #events: EventSink;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #connections = new Set<ListenerConnection>();
  /** Connections of balancers whose PROXY header is not complete. */
  readonly #arriving = new Set<Socket>();
  #connectionOptions: ConnectionOptions;
  #factory: SessionHandlerFactory;
  #address: ListenAddress;
  #isDraining: boolean = false;
  #drained: Promise<void> | undefined;
  /** Called when the last connection is gone during a drain. */
  #onEmpty: (() => void) | undefined;

  constructor(options: ListenerOptions, factory: SessionHandlerFactory, events: EventSink) {
    this.#options = options;
    this.#connectionOptions = options.connection;
    this.#factory = factory;
    this.#events = events;
    this.#clock = options.clock ?? systemClock;
    this.#address = addressOf(options.host, options.port);
    // Half-open, since a client may close its side behind the final dot and still read the reply.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** As configured until `listen` has resolved, then the real one. */
  get address(): ListenAddress {
    return this.#address;
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Opens the port.
   * @throws RouterError `ROUTER_ADDRESS_IN_USE` or `ROUTER_ADDRESS_UNUSABLE`, naming the address.
   */
  listen(): Promise<ListenAddress> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) => reject(listenError(this.#address.text, error));
      this.#server.once('error', onError);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', onError);
        this.#server.on('error', (error) => this.#reportFault(error));
        this.#address = addressOf(host, this.#boundPort());
        acceptIntoOneBuffer(this.#server, (socket) => this.#accept(socket));
        resolve(this.#address);
      });
    });
  }

  /** Options and handlers for connections from now on; those that are open keep theirs. */
  reconfigure(connection: ConnectionOptions, factory: SessionHandlerFactory): void {
    this.#connectionOptions = connection;
    this.#factory = factory;
  }

  /**
   * Stops accepting, says 421 to idle sessions, lets mail transactions finish. Resolves when every
   * connection is closed; those left after `graceMs` are dropped.
   */
  drain(graceMs: number): Promise<void> {
    this.#drained ??= this.#drain(graceMs);
    return this.#drained;
  }

  /** Stops accepting and drops every connection at once. */
  close(): void {
    this.#isDraining = true;
    this.#server.close();
    this.#destroyAll();
  }

  async #drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    this.#server.close();
    this.#destroyArriving();
    for (const connection of [...this.#connections]) connection.drain();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.schedule(graceMs, () => this.#destroyAll());
      this.#onEmpty = () => {
        cancel();
        resolve();
      };
    });
  }

  #accept(socket: Socket): void {
    const clientAddress = plainAddress(socket.remoteAddress);
    if (this.#isDraining) {
      this.#refuse(socket, clientAddress, 'draining');
    } else if (!this.#options.slots.tryTake()) {
      this.#refuse(socket, clientAddress, 'too-many-connections');
    } else if (this.#options.balancers?.has(clientAddress) === true) {
      this.#awaitProxyHeader(socket, clientAddress);
    } else {
      this.#admit(socket, clientAddress, this.#options.addressSlots);
    }
  }

  /** A balancer is not counted, the client it speaks for is. Holds a slot of all connections. */
  #awaitProxyHeader(socket: Socket, balancer: string): void {
    const { clientTlsMs: timeoutMs } = this.#connectionOptions.timeouts;
    this.#arriving.add(socket);
    socket.on('error', () => {});
    openByProxyHeader(socket, { clock: this.#clock, timeoutMs }, (opening) => {
      this.#arriving.delete(socket);
      if (opening.kind === 'opened') {
        const { clientAddress } = opening;
        if (clientAddress === undefined) this.#admit(socket, balancer, undefined);
        else this.#admit(socket, clientAddress, this.#options.addressSlots);
        return;
      }
      if (opening.kind === 'refused') this.#reportRefused(balancer, 'bad-proxy-header', opening.message);
      this.#options.slots.giveBack();
      socket.destroy();
    });
  }

  /** Begins the session of a client who is known now. Holds a slot of all connections. */
  #admit(socket: Socket, clientAddress: string, addressSlots: AddressSlots | undefined): void {
    const addressSlot = addressSlots?.take(clientAddress);
    if (addressSlots !== undefined && addressSlot === undefined) {
      this.#options.slots.giveBack();
      this.#refuse(socket, clientAddress, 'too-many-from-address');
      return;
    }
    const facts: ConnectionFacts = {
      sessionId: this.#options.nextSessionId(),
      listener: this.#address.text,
      clientAddress,
      isTls: this.#isImplicitTls,
    };
    try {
      this.#open(socket, facts, addressSlot);
    } catch (error) {
      this.#options.slots.giveBack();
      addressSlot?.giveBack();
      this.#reportDefect(error);
      this.#turnAway(socket, notServing);
    }
  }

  #open(socket: Socket, facts: ConnectionFacts, addressSlot: AddressSlot | undefined): void {
    const connection = new ListenerConnection({
      socket,
      facts,
      handler: this.#factory(facts),
      options: this.#connectionOptions,
      clock: this.#clock,
      events: this.#events,
      ...(addressSlot !== undefined && { addressSlot }),
      onClosed: (closed) => this.#forget(closed),
    });
    this.#connections.add(connection);
    this.#events.emit({
      kind: 'session-opened',
      sessionId: facts.sessionId,
      listener: facts.listener,
      clientAddress: facts.clientAddress,
    });
    connection.open();
  }

  #refuse(socket: Socket, clientAddress: string, reason: keyof typeof REFUSALS): void {
    this.#reportRefused(clientAddress, reason);
    this.#turnAway(socket, REFUSALS[reason]);
  }

  /** Says one reply; on a listener where a client expects TLS it could not be read. */
  #turnAway(socket: Socket, reply: (hostname: string) => SmtpReply): void {
    socket.on('error', () => {});
    if (!this.#isImplicitTls) socket.end(formatReply(reply(this.#connectionOptions.session.hostname)));
    socket.destroySoon();
  }

  get #isImplicitTls(): boolean {
    return this.#connectionOptions.tls?.isImplicit === true;
  }

  #forget(connection: ListenerConnection): void {
    this.#connections.delete(connection);
    this.#options.slots.giveBack();
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #destroyAll(): void {
    this.#destroyArriving();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  /** Nobody has been told anything on these. */
  #destroyArriving(): void {
    for (const socket of [...this.#arriving]) socket.destroy();
  }

  #boundPort(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : this.#options.port;
  }

  #reportRefused(clientAddress: string, reason: SessionRefused['reason'], message?: string): void {
    this.#events.emit({
      kind: 'session-refused',
      listener: this.#address.text,
      clientAddress,
      reason,
      ...(message !== undefined && { message }),
    });
  }

  #reportDefect(error: unknown): void {
    this.#events.emit({
      kind: 'internal-fault',
      where: `listener: opening a session on ${this.#address.text}`,
      message: error instanceof Error ? error.message : String(error),
    });
  }

  #reportFault(error: NodeJS.ErrnoException): void {
    this.#events.emit({
      kind: 'listener-fault',
      listener: this.#address.text,
      code: 'ROUTER_ACCEPT_FAILED',
      message: `${this.#address.text} could not accept a connection: ${error.code ?? error.message}`,
    });
  }
}

function addressOf(host: string, port: number): ListenAddress {
  return { host, port, text: formatAddress(host, port) };
}

/** IPv4 behind an IPv6 socket without its prefix; a peer that is gone already has no address. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
