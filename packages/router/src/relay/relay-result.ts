import type { Attempt, Outcome } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';

/** The selector decided not to route: the sender is told, nothing was tried. */
export interface RelayVerdict {
  readonly kind: 'defer' | 'reject' | 'hold';
  /** Reply code for the sender; 0 lets the router choose. */
  readonly code: number;
  /** For the sender; untrusted text of a selector. */
  readonly text: string;
}

/** Everything one relaying of a message led to; `delivery` turns it into the client's reply. */
export interface RelayResult {
  readonly selection: SelectionRecord;
  /** In time order, over all routes. */
  readonly attempts: readonly Attempt[];
  /** Final outcome of each recipient of the message, by recipient id. */
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** Present when the selector gave no route; `attempts` is then empty. */
  readonly verdict?: RelayVerdict;
}
