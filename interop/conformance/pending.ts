/** A statement nothing shows yet, with the reason; the page tells it as a failure. None is the aim. */
export interface PendingStatement {
  /** As a title of a test: number and what must hold. */
  readonly title: string;
  readonly why: string;
}

const NO_GRPC = 'gRPC is not served yet';
const NO_TLS = 'TLS is not spoken yet';
const NO_TEST = 'not tested against the real library yet';

export const PENDING: readonly PendingStatement[] = [
  pending(
    9,
    'A program whose checksum differs is not started; one that matches runs from a private copy nobody else can exchange.',
    NO_TEST,
  ),
  pending(
    55,
    'The health of the service plugin is SERVING, that of another is NOT_FOUND, and an unknown method is UNIMPLEMENTED.',
    NO_GRPC,
  ),
  pending(56, 'StreamStdio brings both channels; a plugin without it is tolerated.', NO_GRPC),
  pending(57, 'Shutdown counts as orderly when its reply is lost.', NO_GRPC),
  pending(
    58,
    'Brokered connections without multiplexing work in both directions, and each step gives up after 5 s.',
    NO_GRPC,
  ),
  pending(
    59,
    'Brokered connections with multiplexing work in both directions, one knock at a time; an unknown id is refused with a text.',
    NO_GRPC,
  ),
  pending(60, 'A stream without a knock is one more connection to the main server.', NO_GRPC),
  pending(61, 'The authorities unused and localhost are both accepted.', NO_GRPC),
  pending(62, 'A plugin may send messages over 4 MiB to its host.', NO_GRPC),
  pending(
    63,
    'Replies of trailers alone, uncompressed messages, frames cut anywhere and a reset in the middle are dealt with.',
    NO_GRPC,
  ),
  pending(64, 'A connection a Go host closed because nothing happened is opened again.', NO_GRPC),
  pending(
    65,
    'Under AutoMTLS, TLS is around yamux for net/rpc, and inside each stream of yamux for multiplexed gRPC.',
    NO_TLS,
  ),
  pending(
    66,
    'Certificates on P-256 and P-521 serve in both roles; field 6 is base64 without padding.',
    NO_TLS,
  ),
  pending(67, 'A foreign certificate, or none, is refused by the plugin and by the host.', NO_TLS),
  pending(68, 'TLS older than 1.2 is refused, and the server is called localhost.', NO_TLS),
  pending(69, 'Brokered connections use the same certificates, both ways.', NO_TLS),
  pending(78, 'A deleted socket of a running gRPC plugin is noticed and repaired.', NO_GRPC),
  pending(
    80,
    'Reattaching by protocol, version, address and pid works, and a kill in test mode leaves the plugin alive.',
    NO_TLS,
  ),
];

function pending(number: number, text: string, why: string): PendingStatement {
  return { title: `${number}. ${text}`, why };
}
