/** What tells waiting from working. */
export interface StallSigns {
  readonly p50Ms: number;
  /** Of the whole machine, 0 to 1. */
  readonly idleShare: number;
  /** Cores the peer kept busy, its plugins included. */
  readonly busyCores: number;
}

const SLOW_P50_MS = 5;
const IDLE_SHARE = 0.5;
/** A peer of one thread at its limit leaves other cores idle; that is no stall. */
const SATURATED_CORES = 0.8;

/**
 * True when half the mail takes over 5 ms although more than half of the machine is idle and the peer is not
 * at the limit of its own thread: somebody waits for a timer, such as a delayed ACK or a late greeting.
 */
export function isStall({ p50Ms, idleShare, busyCores }: StallSigns): boolean {
  return p50Ms > SLOW_P50_MS && idleShare > IDLE_SHARE && busyCores < SATURATED_CORES;
}
