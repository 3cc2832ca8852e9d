/**
 * Opens sockets to a downstream: TCP, and TLS around it. Each answers the socket at once, so that
 * its owner can destroy it at any time, and a promise of how it went. No timers here.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { readIntoOneBuffer } from '../reused-read-buffer.ts';

/** A socket on its way. `opened` settles with the error that stopped it; never rejects. */
export interface SocketOpening<S extends Socket> {
  readonly socket: S;
  readonly opened: Promise<Error | undefined>;
}

/** Where to connect to; a name is tried at its IPv6 and IPv4 addresses in turn (RFC 8305). */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
}

/** How the peer's certificate is checked. */
export interface TlsTarget {
  /** Name or address the certificate must be made out to. */
  readonly host: string;
  readonly isVerified: boolean;
  /** Trusted authorities; undefined = those of Node. */
  readonly secureContext: SecureContext | undefined;
}

/** Every write leaves at once (`noDelay`): the writers batch, Nagle would only add 40 ms. */
export function openSocket(target: SocketTarget): SocketOpening<Socket> {
  const socket: Socket = connectTcp({
    host: target.host,
    port: target.port,
    noDelay: true,
    keepAlive: true,
    autoSelectFamily: true,
    ...readIntoOneBuffer(() => socket),
  });
  return { socket, opened: settled(socket, 'connect') };
}

/** Makes TLS on a connected socket that nobody reads. An address is no name for SNI (RFC 6066 §3). */
export function secureSocket(plain: Socket, target: TlsTarget): SocketOpening<TLSSocket> {
  const socket = connectTls({
    socket: plain,
    host: target.host,
    ...(isIP(target.host) === 0 && { servername: target.host }),
    ...(target.secureContext !== undefined && { secureContext: target.secureContext }),
    rejectUnauthorized: target.isVerified,
  });
  return { socket, opened: settled(socket, 'secureConnect') };
}

/** Settles with the first of: opened, error, closed before either. */
function settled(socket: Socket, openedEvent: string): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  const onOpened = (): void => finish(undefined);
  const onError = (error: Error): void => finish(error);
  const onClose = (): void => finish(new Error('the connection was closed'));
  function finish(error: Error | undefined): void {
    socket.off(openedEvent, onOpened).off('error', onError).off('close', onClose);
    // Whatever a socket says after that is told by 'close'; without a listener it would throw.
    socket.on('error', () => {});
    resolve(error);
  }
  socket.on(openedEvent, onOpened).on('error', onError).on('close', onClose);
  return promise;
}
