/**
 * AutoMTLS (go-plugin mtls.go): host and plugin each show a certificate made for this one start and trust
 * exactly the other's, which they were told outside TLS, by an environment variable and by the handshake
 * line. Whoever else can reach the socket can neither speak with the plugin nor answer for it.
 */
import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, createServer, TLSSocket, type TlsOptions } from 'node:tls';
import { type Clock, systemClock } from '../clock.ts';
import { PluginError } from '../errors.ts';
import { encodeCertificatePem } from '../x509/pem.ts';
import { CERTIFICATE_NAME } from '../x509/self-signed-certificate.ts';
import type { ChannelSecurity } from './channel-security.ts';
import type { TlsIdentity } from './tls-identity.ts';

/** What one side shows, and whom it lets in. */
export interface MutualTlsParties {
  readonly own: TlsIdentity;
  /** DER of the one certificate the peer may show. */
  readonly peerCertificate: Uint8Array;
}

/** How long a peer may take for its part of the TLS handshake. */
const TLS_HANDSHAKE_MS = 10_000;

/** Whether node:tls can use the bytes as a certificate. */
export function isCertificate(der: Uint8Array): boolean {
  try {
    new X509Certificate(der);
    return true;
  } catch {
    return false;
  }
}

/**
 * Secures streams between the two parties and nobody else; TLS 1.2 at least. A stream is refused with
 * `PLUGIN_TLS_FAILED` when its peer does not speak TLS, shows no certificate or another one, or takes too
 * long. The parties' certificates must be certificates.
 */
export function mutualTls(parties: MutualTlsParties, clock: Clock = systemClock): ChannelSecurity {
  const terms = { options: tlsOptions(parties), peerCertificate: parties.peerCertificate, clock };
  return {
    isTls: true,
    dialled: (stream) => dial(stream, terms),
    accepted: (stream) => accept(stream, terms),
  };
}

/** The same for both roles: each shows a certificate and demands one. */
function tlsOptions({ own, peerCertificate }: MutualTlsParties) {
  return {
    cert: own.certificatePem,
    key: own.privateKeyPem,
    ca: encodeCertificatePem(peerCertificate),
    minVersion: 'TLSv1.2',
    requestCert: true,
    rejectUnauthorized: true,
    // grpc-go demands that HTTP/2 is agreed upon; who speaks net/rpc agrees upon nothing and minds nothing.
    ALPNProtocols: ['h2'],
  } as const satisfies ConnectionOptions & TlsOptions;
}

interface Terms {
  readonly options: ReturnType<typeof tlsOptions>;
  readonly peerCertificate: Uint8Array;
  readonly clock: Clock;
}

function dial(stream: Duplex, terms: Terms): Promise<TLSSocket> {
  const socket = connect({ ...terms.options, socket: stream, servername: CERTIFICATE_NAME });
  const { promise, settle } = outcome(stream, terms);
  const onEnd = (): void => settle(HUNG_UP);
  socket.on('error', settle).on('end', onEnd).on('close', onEnd);
  socket.once('secureConnect', () => settle(socket));
  return promise;
}

/** By a server of its own, since the faults a shared one tells do not say which stream they are about. */
function accept(stream: Duplex, terms: Terms): Promise<TLSSocket> {
  const server = createServer(terms.options);
  const { promise, settle } = outcome(stream, terms);
  server.once('secureConnection', settle);
  server.on('tlsClientError', settle);
  server.emit('connection', stream);
  return promise;
}

const HUNG_UP = new Error('the peer closed the connection');
const FOREIGN = new Error('the peer showed another certificate than the one it was known by');

/** What comes of a stream; the first settlement counts. */
function outcome(stream: Duplex, { peerCertificate, clock }: Terms) {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const cancel = clock.schedule(TLS_HANDSHAKE_MS, () => settle(new Error('the peer took too long')));
  let isSettled = false;
  const settle = (result: TLSSocket | Error): void => {
    if (isSettled) return;
    isSettled = true;
    cancel();
    const isSecured = result instanceof TLSSocket;
    // Told by 'close' too, which whoever gets the socket listens to.
    if (isSecured) result.on('error', () => undefined);
    if (isSecured && isNamedPeer(result, peerCertificate)) {
      resolve(result);
      return;
    }
    if (isSecured) result.destroy();
    stream.on('error', () => undefined).destroy();
    const cause = isSecured ? FOREIGN : result;
    reject(new PluginError('PLUGIN_TLS_FAILED', `Mutual TLS failed: ${cause.message}.`, { cause }));
  };
  return { promise, settle };
}

/**
 * Whether the peer is the one that was named. TLS alone has shown no more than that the peer's certificate
 * was issued by that one, which is an authority of its own.
 */
function isNamedPeer(socket: TLSSocket, peerCertificate: Uint8Array): boolean {
  return socket.getPeerX509Certificate()?.raw.equals(peerCertificate) === true;
}
