/** Users remembered; far above any configured number, so that it only bounds memory. */
const MAX_USERS = 10_000;

/**
 * The last good order a selector gave, for each user: what `on_failure: last-order` falls back to.
 */
export class LastOrders {
  /** Downstream ids by user; insertion order = age. */
  readonly #orders = new Map<string, readonly string[]>();

  /** @param order downstream ids, first to try first; not empty */
  remember(user: string, order: readonly string[]): void {
    this.#orders.delete(user);
    this.#orders.set(user, order);
    if (this.#orders.size <= MAX_USERS) return;
    const oldest = this.#orders.keys().next();
    if (oldest.done !== true) this.#orders.delete(oldest.value);
  }

  /** The order last remembered for the user; undefined when there is none. */
  recall(user: string): readonly string[] | undefined {
    return this.#orders.get(user);
  }
}
