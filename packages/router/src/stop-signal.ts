/**
 * Says once that whatever waits has to end now. It is what an `AbortSignal` is for, without an event
 * target: every message adds and removes listeners, and a set does that at a fraction of the cost.
 */
export class StopSignal {
  readonly #listeners = new Set<() => void>();
  #isStopped: boolean = false;

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Calls `listener` once when stopped; never when that was before. */
  onStop(listener: () => void): void {
    if (!this.#isStopped) this.#listeners.add(listener);
  }

  offStop(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Idempotent. */
  stop(): void {
    this.#isStopped = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
