/**
 * The socket of one connection, through its life: opened, perhaps wrapped in TLS, listened to, gone.
 * It knows bytes and errors, no protocol and no time.
 */
import type { Socket } from 'node:net';
import {
  describeConnectFailure,
  describeTlsFailure,
  errorCode,
  type OpeningFailure,
} from './opening-failure.ts';
import {
  openSocket,
  type SocketOpening,
  type SocketTarget,
  secureSocket,
  type TlsTarget,
} from './socket-opening.ts';

/** Who is told what happens. */
export interface SocketListener {
  readonly onData: (bytes: Uint8Array) => void;
  /** Writing may go on. */
  readonly onDrain: () => void;
  /** The peer is gone; `what` continues a sentence that names it. May come more than once. */
  readonly onLost: (what: string) => void;
  /** Last call: nothing of the socket is left. */
  readonly onClosed: () => void;
}

export class DownstreamSocket {
  readonly #listener: SocketListener;
  #socket: Socket | undefined;
  #isOpening: boolean = false;

  constructor(listener: SocketListener) {
    this.#listener = listener;
  }

  /** Address of the peer, '' before TCP is connected. */
  get remoteAddress(): string {
    return this.#socket?.remoteAddress ?? '';
  }

  /** The peer does not keep up: `onDrain` tells when to go on. */
  get isFull(): boolean {
    return this.#socket?.writableNeedDrain ?? false;
  }

  /** Makes TCP. */
  async connect(target: SocketTarget): Promise<OpeningFailure | undefined> {
    const error = await this.#open(openSocket(target));
    return error === undefined ? undefined : describeConnectFailure(error, target.host);
  }

  /** Makes TLS over the connected socket, which nobody reads until `listen`. */
  async secure(target: TlsTarget): Promise<OpeningFailure | undefined> {
    const plain = this.#socket;
    if (plain === undefined) return describeTlsFailure(new Error('not connected'), target.host);
    this.#detach(plain);
    const error = await this.#open(secureSocket(plain, target));
    if (error === undefined) return undefined;
    plain.destroy();
    return describeTlsFailure(error, target.host);
  }

  /** From now on bytes are read. */
  listen(): void {
    this.#socket
      ?.on('data', this.#listener.onData)
      .on('drain', this.#listener.onDrain)
      .on('end', this.#onEnd)
      .on('error', this.#onError);
  }

  /** Writes commands. */
  writeText(text: string): void {
    this.#socket?.write(text, 'utf8');
  }

  /** Writes the pieces together, behind commands if there are any, in one system call where possible. */
  write(pieces: readonly Uint8Array[], commands?: string): void {
    this.#socket?.cork();
    if (commands !== undefined) this.#socket?.write(commands, 'utf8');
    for (const piece of pieces) this.#socket?.write(piece);
    this.#socket?.uncork();
  }

  /** Nothing more will be written. */
  end(): void {
    this.#socket?.end();
  }

  destroy(): void {
    this.#socket?.destroy();
    if (this.#socket === undefined) this.#listener.onClosed();
  }

  async #open(opening: SocketOpening<Socket>): Promise<Error | undefined> {
    this.#socket = opening.socket;
    this.#isOpening = true;
    opening.socket.on('close', this.#onClose);
    const error = await opening.opened;
    this.#isOpening = false;
    return error;
  }

  #detach(socket: Socket): void {
    socket
      .off('data', this.#listener.onData)
      .off('drain', this.#listener.onDrain)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
  }

  readonly #onEnd = (): void => this.#listener.onLost('closed the connection');

  readonly #onError = (error: Error): void =>
    this.#listener.onLost(`lost the connection (${errorCode(error) || error.message})`);

  /** While opening, the error that led to it tells more and is about to be reported. */
  readonly #onClose = (): void => {
    if (!this.#isOpening) this.#listener.onLost('closed the connection');
    this.#listener.onClosed();
  };
}
