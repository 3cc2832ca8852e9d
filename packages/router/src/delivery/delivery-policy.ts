/** What the configuration says about mail that is not delivered at once. */

/**
 * - `sync`             the client waits for a downstream's word, nothing is kept;
 * - `sync_then_spool`  the same as long as a downstream takes it within the budget, else it is spooled;
 * - `spool`            spooled at once.
 */
export type DeliveryMode = 'sync' | 'sync_then_spool' | 'spool';

/** When spooled mail is tried again. */
export interface RetrySchedule {
  /** Between tries, at least one; the last one repeats. */
  readonly delaysMs: readonly number[];
  /** Mail that is older is given up when it is deferred once more. */
  readonly giveUpAfterMs: number;
}
