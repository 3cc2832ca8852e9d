import type { CancelTimer, Clock } from '../clock.ts';

/** Something with deadlines of its own. */
export interface DeadlineSource {
  /** When `tick` has something to do; undefined for never. */
  deadline(): number | undefined;
  tick(now: number): void;
}

/**
 * The one timer of a connection, for everything on it that has a deadline. It is set to the earliest; a
 * deadline that was met early costs nothing, since the timer then merely looks again.
 *
 * When the timer has fired, what has arrived on the socket meanwhile is read first: after a pause of the
 * whole process answers lie in the socket that were in time.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #sources = new Set<DeadlineSource>();
  #cancel: CancelTimer | undefined;
  #setTo = Infinity;
  #isStopped: boolean = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(source: DeadlineSource): void {
    this.#sources.add(source);
    this.look(source);
  }

  remove(source: DeadlineSource): void {
    this.#sources.delete(source);
  }

  /** To be called when the deadline of `source` may have become earlier. */
  look(source: DeadlineSource): void {
    const at = source.deadline();
    if (at !== undefined && at < this.#setTo) this.#set(at);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#sources.clear();
  }

  #set(at: number): void {
    if (this.#isStopped) return;
    this.#cancel?.();
    this.#setTo = at;
    const delayMs = Math.max(0, Math.ceil(at - this.#clock.now()));
    this.#cancel = this.#clock.schedule(delayMs, () => setImmediate(() => this.#fire()));
  }

  #fire(): void {
    this.#setTo = Infinity;
    const now = this.#clock.now();
    for (const source of this.#sources) source.tick(now);
    for (const source of this.#sources) this.look(source);
  }
}
