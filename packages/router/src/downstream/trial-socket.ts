/** The socket of a trial: opened, wrapped in TLS, read piece by piece, with a time-out for each wait. */
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { describeConnectFailure, describeTlsFailure, type OpeningFailure } from './opening-failure.ts';
import {
  openSocket,
  type SocketOpening,
  type SocketTarget,
  secureSocket,
  type TlsTarget,
} from './socket-opening.ts';
import type { TrialFailure } from './trial-step.ts';

/** What a wait for bytes led to. `closed`: by the peer, or reset. */
export type TrialRead = Uint8Array | 'closed' | 'timeout';

export class TrialSocket {
  readonly #clock: Clock;
  #socket: Socket | undefined;
  readonly #pieces: Uint8Array[] = [];
  #isClosed: boolean = false;
  #wake: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Address of the peer, '' before TCP is connected. */
  get remoteAddress(): string {
    return this.#socket?.remoteAddress ?? '';
  }

  /** Every address of a name; at least one. */
  async resolve(host: string, timeoutMs: number): Promise<readonly string[] | TrialFailure> {
    const found = await this.#within(
      timeoutMs,
      lookup(host, { all: true }).then(
        (addresses) => addresses.map(({ address }) => address),
        (error: unknown) => toFailure(describeConnectFailure(asError(error), host)),
      ),
    );
    return found ?? { code: 'ROUTER_DNS_FAILED', detail: `${host} was not resolved in time` };
  }

  /** Undefined = connected. */
  async connect(target: SocketTarget, timeoutMs: number): Promise<TrialFailure | undefined> {
    const result = await this.#open(openSocket(target), timeoutMs);
    if (result === 'timeout') {
      return { code: 'ROUTER_CONNECT_TIMEOUT', detail: 'does not answer the connection request' };
    }
    return result === undefined ? undefined : toFailure(describeConnectFailure(result, target.host));
  }

  /**
   * Makes TLS whatever the certificate is worth, so that a bad one can be shown, too: who sends a secret
   * asks `authorized` first.
   */
  async secure(target: TlsTarget, timeoutMs: number): Promise<TLSSocket | TrialFailure> {
    const plain = this.#socket;
    if (plain === undefined) return { detail: 'is not connected' };
    plain.off('data', this.#onData).off('end', this.#onClosed).off('close', this.#onClosed);
    const opening = secureSocket(plain, { ...target, isVerified: false });
    const result = await this.#open(opening, timeoutMs);
    if (result === undefined) return opening.socket;
    plain.destroy();
    if (result === 'timeout') {
      return { code: 'ROUTER_TLS_TIMEOUT', detail: 'does not complete the TLS handshake' };
    }
    return toFailure(describeTlsFailure(result, target.host));
  }

  /** From now on bytes are taken. */
  listen(): void {
    this.#socket?.on('data', this.#onData).on('end', this.#onClosed).on('close', this.#onClosed);
  }

  write(text: string): void {
    this.#socket?.write(text);
  }

  /** The next bytes. */
  async read(timeoutMs: number): Promise<TrialRead> {
    const isNews = await this.#within(timeoutMs, this.#news());
    return this.#pieces.shift() ?? (isNews === undefined ? 'timeout' : 'closed');
  }

  close(): void {
    this.#socket?.destroy();
  }

  readonly #onData = (bytes: Uint8Array): void => {
    this.#pieces.push(bytes);
    this.#wake();
  };

  readonly #onClosed = (): void => {
    this.#isClosed = true;
    this.#wake();
  };

  async #news(): Promise<true> {
    if (this.#pieces.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  async #open(opening: SocketOpening<Socket>, timeoutMs: number): Promise<Error | 'timeout' | undefined> {
    this.#socket = opening.socket;
    const settled = await this.#within(
      timeoutMs,
      opening.opened.then((error) => ({ error })),
    );
    if (settled !== undefined) return settled.error;
    opening.socket.destroy();
    return 'timeout';
  }

  /** Undefined when the work took longer; then its result is lost. */
  async #within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#clock.schedule(timeoutMs, () => resolve(undefined));
    const result = await Promise.race([work, promise]);
    cancel();
    return result;
  }
}

function toFailure({ code, what }: OpeningFailure): TrialFailure {
  return { code, detail: what };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
