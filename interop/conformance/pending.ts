/** A statement nothing shows yet, with the reason; the page tells it as a failure. None is the aim. */
export interface PendingStatement {
  /** As a title of a test: number and what must hold. */
  readonly title: string;
  readonly why: string;
}

const NO_REATTACH = 'reattaching is not there yet';

export const PENDING: readonly PendingStatement[] = [
  pending(
    80,
    'Reattaching by protocol, version, address and pid works, and a kill in test mode leaves the plugin alive.',
    NO_REATTACH,
  ),
];

function pending(number: number, text: string, why: string): PendingStatement {
  return { title: `${number}. ${text}`, why };
}
