import { performance } from 'node:perf_hooks';

/**
 * Time as the rooms with timers see it: given to them, so that tests can hold it still.
 */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Milliseconds since 1970; may jump with the system's clock. For records only. */
  wallTime(): number;
  /** Runs `run` once after `delayMs`; the answer cancels it. A timer keeps the process alive until then. */
  schedule(delayMs: number, run: () => void): CancelTimer;
}

/** Cancels a timer; harmless afterwards. */
export type CancelTimer = () => void;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
