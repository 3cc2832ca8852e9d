import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { parseProxyHeader } from './proxy-protocol.ts';

/** How a connection of a balancer began. */
export type ProxyOpening =
  /** The client it speaks for; undefined = for itself. The socket is paused, with what follows in it. */
  | { readonly kind: 'opened'; readonly clientAddress: string | undefined }
  /** No header, or a broken one, or none in time: nobody knows who this is. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The balancer closed before the header was complete, as it does to see whether anybody listens. */
  | { readonly kind: 'gone' };

/** How long the header may take, in milliseconds of the clock. */
export interface ProxyOpeningLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Reads the PROXY header in front of a connection. `onEnded` is called once; the caller owns the socket
 * before and after.
 */
export function openByProxyHeader(
  socket: Duplex,
  { clock, timeoutMs }: ProxyOpeningLimits,
  onEnded: (opening: ProxyOpening) => void,
): void {
  let received = Buffer.alloc(0);
  const cancel = clock.schedule(timeoutMs, () =>
    finish({ kind: 'refused', message: 'no complete PROXY header came in time' }),
  );
  socket.on('data', onData).on('end', onGone).on('error', onGone).on('close', onGone);

  function onData(chunk: Buffer): void {
    received = Buffer.concat([received, chunk]);
    const header = parseProxyHeader(received);
    if (header.kind === 'need-more') return;
    if (header.kind === 'invalid') {
      finish({ kind: 'refused', message: header.message });
      return;
    }
    socket.pause();
    if (header.rest.length > 0) socket.unshift(header.rest);
    finish({ kind: 'opened', clientAddress: header.kind === 'proxied' ? header.clientAddress : undefined });
  }
  function onGone(): void {
    finish({ kind: 'gone' });
  }
  function finish(opening: ProxyOpening): void {
    cancel();
    socket.pause();
    socket.off('data', onData).off('end', onGone).off('error', onGone).off('close', onGone);
    onEnded(opening);
  }
}
