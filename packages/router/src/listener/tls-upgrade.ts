import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';

/** How a handshake ended. `gone` = the client left without a word, as monitors do; else what was wrong. */
export type TlsOutcome = 'secured' | 'gone' | Error;

/**
 * Begins TLS as the server on a connected stream, which belongs to the answered socket from then on.
 * What the stream has received and nobody has read is part of the handshake.
 *
 * `onSettled` is called once, before any data; unless the outcome is `secured` the socket is destroyed.
 * Until then the owner's only call is
 * `destroy`, and it sets the time-out. Afterwards a fault of TLS is an `error` and a `close` as on any
 * socket.
 */
export function acceptTls(
  stream: Duplex,
  secureContext: SecureContext,
  onSettled: (outcome: TlsOutcome) => void,
): TLSSocket {
  const socket = new TLSSocket(stream, { isServer: true, secureContext });
  // A socket that no `tls.Server` made tells its faults by this event only, and lives on.
  socket.on('_tlsError', onFault).on('error', onFault).on('end', onEnd).on('close', onEnd);
  socket.once('secure', () => settle('secured'));

  let isSettled = false;
  function settle(outcome: TlsOutcome): void {
    if (isSettled) return;
    isSettled = true;
    socket.off('error', onFault).off('end', onEnd).off('close', onEnd);
    if (outcome !== 'secured') socket.on('error', () => {}).destroy();
    onSettled(outcome);
  }
  function onFault(error: Error): void {
    if (isSettled) socket.destroy(error);
    else settle(isSilent() ? 'gone' : error);
  }
  function onEnd(): void {
    settle(isSilent() ? 'gone' : new Error('the client closed the connection'));
  }
  function isSilent(): boolean {
    return stream instanceof Socket && stream.bytesRead === 0;
  }
  return socket;
}
