/** The certificates of a peer in words for operators. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

const DAY_MS = 24 * 60 * 60_000;
/** A chain that goes on longer is not shown further; the peer made it. */
const MAX_CERTIFICATES = 10;
/** Time enough to renew one by hand. */
const SOON_DAYS = 21;

/** `TLSv1.3; smtp.example.com by Example CA, 61 days left; Example CA by itself, 2900 days left`. */
export function describeTls(socket: TLSSocket, nowMs: number): string {
  const chain = chainOf(socket).map((certificate) => describeCertificate(certificate, nowMs));
  return [socket.getProtocol() ?? 'unknown version', ...chain].join('; ');
}

/** The peer's own first; each is followed by the one that issued it, as far as it is known. */
function chainOf(socket: TLSSocket): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next !== undefined && next.fingerprint256 !== undefined && chain.length < MAX_CERTIFICATES) {
    chain.push(next);
    // A self-signed certificate is its own issuer.
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function describeCertificate(certificate: DetailedPeerCertificate, nowMs: number): string {
  const subject = nameOf(certificate.subject);
  const issuer = nameOf(certificate.issuer);
  const by = issuer === subject ? 'itself' : issuer;
  return `${subject} by ${by}, ${describeValidity(certificate, nowMs)}`;
}

function describeValidity({ valid_from, valid_to }: DetailedPeerCertificate, nowMs: number): string {
  const days = Math.floor((Date.parse(valid_to) - nowMs) / DAY_MS);
  if (days < 0) return `EXPIRED ${-days} days ago`;
  if (Date.parse(valid_from) > nowMs) return `NOT VALID before ${valid_from}`;
  return days < SOON_DAYS ? `only ${days} days left` : `${days} days left`;
}

/** A name has several common names at times. */
function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const [first] = [name?.CN ?? name?.O ?? 'nameless'].flat();
  return first ?? 'nameless';
}
