/** Spooled mail as operators see and change it: the words are those of the spool. */
import type {
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolStore,
  SpoolTrace,
} from '../spool/spool-store.ts';

export type {
  LedgerEntry,
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolTrace,
} from '../spool/spool-store.ts';

/** What commands ask of a spool; a store can do all of it. */
export type MailQueue = Pick<SpoolStore, 'list' | 'change' | 'trace'>;

/** The queue of a router that runs: what became due is tried at once. */
export class RunningQueue implements MailQueue {
  readonly #store: SpoolStore;
  readonly #onDue: () => void;

  constructor(store: SpoolStore, onDue: () => void) {
    this.#store = store;
    this.#onDue = onDue;
  }

  list(filter: SpoolFilter, limit: number): Promise<readonly SpooledRecipient[]> {
    return this.#store.list(filter, limit);
  }

  async change(change: SpoolChange, filter: SpoolFilter): Promise<number> {
    const count = await this.#store.change(change, filter);
    this.#onDue();
    return count;
  }

  trace(messageId: string): Promise<SpoolTrace | undefined> {
    return this.#store.trace(messageId);
  }
}
