/** A process that somebody else started: whether it is there, and its end. */
import type { CancelTimer, Clock } from '../clock.ts';

/** How often the system is asked for it (go-plugin internal/cmdrunner/process.go: 1 s). */
const POLL_MS = 500;

export class ForeignProcess {
  readonly pid: number;
  readonly #clock: Clock;
  readonly #gone = Promise.withResolvers<void>();
  #cancelPoll: CancelTimer | undefined;

  constructor(pid: number, clock: Clock) {
    this.pid = pid;
    this.#clock = clock;
    this.#poll();
  }

  /** Settles once the process is gone, or was let go of; never rejects. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Ends it, unless it is gone. */
  kill(): void {
    signal(this.pid, 'SIGKILL');
  }

  /** Asks no more. */
  letGo(): void {
    this.#cancelPoll?.();
    this.#gone.resolve();
  }

  #poll(): void {
    if (!signal(this.pid, 0)) this.letGo();
    else this.#cancelPoll = this.#clock.schedule(POLL_MS, () => this.#poll());
  }
}

/** False when there is no such process. */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, what);
    return true;
  } catch (error) {
    // EPERM: there is one, another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
