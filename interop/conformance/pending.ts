/** A statement nothing shows yet, with the reason; the page tells it as a failure. None is the aim. */
export interface PendingStatement {
  /** As a title of a test: number and what must hold. */
  readonly title: string;
  readonly why: string;
}

export const PENDING: readonly PendingStatement[] = [];
