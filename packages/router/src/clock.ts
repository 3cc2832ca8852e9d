import { performance } from 'node:perf_hooks';

/** Time as the rooms with timers see it: given to them, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. For durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970; may jump with the system's clock. For records and trace headers. */
  wallTime(): number;
  /** Runs `run` once after `delayMs`; the answer cancels it. A timer never keeps the process alive. */
  schedule(delayMs: number, run: () => void): CancelTimer;
}

/** Cancels a timer; harmless when it has run. */
export type CancelTimer = () => void;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
