/**
 * How a connected stream becomes one that is safe to speak on. In clear it stays as it is; with mutual TLS
 * (go-plugin mtls.go) each side wraps it. Over net/rpc that is the socket itself, below yamux; over gRPC the
 * socket, or each stream of the multiplexer.
 */
import type { Duplex } from 'node:stream';

export interface ChannelSecurity {
  /** True when what is spoken on is encrypted: over gRPC it decides `:scheme` and `:authority`. */
  readonly isTls: boolean;
  /** For the side that dialled. Settles when both sides are known; rejects, with the stream destroyed, when one is not. */
  dialled(stream: Duplex): Promise<Duplex>;
  /** For the side that accepted. */
  accepted(stream: Duplex): Promise<Duplex>;
}

/** No TLS: for sockets in a private directory. */
export const IN_CLEAR: ChannelSecurity = {
  isTls: false,
  dialled: (stream) => Promise.resolve(stream),
  accepted: (stream) => Promise.resolve(stream),
};
