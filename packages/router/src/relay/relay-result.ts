import type { Attempt, Outcome } from '../message/outcome.ts';
import type { SelectionRecord } from '../message/selection-record.ts';

/** Everything one relaying of a message led to; `delivery` turns it into the client's reply. */
export interface RelayResult {
  readonly selection: SelectionRecord;
  /** In time order, over all routes. */
  readonly attempts: readonly Attempt[];
  /** Final outcome of each recipient of the message, by recipient id. */
  readonly outcomes: ReadonlyMap<number, Outcome>;
}
