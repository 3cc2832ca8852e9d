/** A statement nothing shows yet, with the reason; the page tells it as a failure. None is the aim. */
export interface PendingStatement {
  /** As a title of a test: number and what must hold. */
  readonly title: string;
  readonly why: string;
}

const NO_GRPC = 'the broker of gRPC is not there yet';
const NO_REATTACH = 'reattaching is not there yet';

export const PENDING: readonly PendingStatement[] = [
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
  pending(
    65,
    'Under AutoMTLS, TLS is around yamux for net/rpc, and inside each stream of yamux for multiplexed gRPC.',
    NO_GRPC,
  ),
  pending(69, 'Brokered connections use the same certificates, both ways.', NO_GRPC),
  pending(
    80,
    'Reattaching by protocol, version, address and pid works, and a kill in test mode leaves the plugin alive.',
    NO_REATTACH,
  ),
];

function pending(number: number, text: string, why: string): PendingStatement {
  return { title: `${number}. ${text}`, why };
}
