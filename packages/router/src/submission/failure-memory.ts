/**
 * Failures by key, forgotten some time after the last one. Holds a bounded number of keys: beyond it,
 * the key whose last failure is longest ago is forgotten.
 */
import type { Clock } from '../clock.ts';

export interface FailureMemoryOptions {
  readonly clock: Clock;
  /** A key is forgotten so long after its last failure. */
  readonly forgetAfterMs: number;
  readonly maxKeys: number;
}

/** What is known of one key. */
interface Failures {
  count: number;
  lastAt: number;
  /** When the client hears of each failure that is still held back, in no order. */
  heldUntil: readonly number[];
}

/** Counts for one kind of key. */
export class FailureMemory {
  readonly #options: FailureMemoryOptions;
  /** The longest unused first. */
  readonly #failures = new Map<string, Failures>();

  constructor(options: FailureMemoryOptions) {
    this.#options = options;
  }

  /** Keys remembered now. */
  get size(): number {
    return this.#failures.size;
  }

  /** Failures that are not forgotten yet. */
  count(key: string): number {
    return this.#find(key)?.count ?? 0;
  }

  /** Failures whose client does not know of them yet, connected or not. */
  held(key: string): number {
    const now = this.#options.clock.now();
    return this.#find(key)?.heldUntil.filter((until) => until > now).length ?? 0;
  }

  /** Counts one more; the answer is how many there are now. */
  add(key: string): number {
    const failures = this.#find(key) ?? { count: 0, lastAt: 0, heldUntil: [] };
    failures.count += 1;
    failures.lastAt = this.#options.clock.now();
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > this.#options.maxKeys && oldest !== undefined) this.#failures.delete(oldest);
    return failures.count;
  }

  /** The failure added last is told in `delayMs`. */
  hold(key: string, delayMs: number): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    const now = this.#options.clock.now();
    failures.heldUntil = [...failures.heldUntil.filter((until) => until > now), now + delayMs];
  }

  #find(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    if (failures === undefined) return undefined;
    if (this.#options.clock.now() - failures.lastAt < this.#options.forgetAfterMs) return failures;
    this.#failures.delete(key);
    return undefined;
  }
}
