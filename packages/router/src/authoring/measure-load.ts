/** How many calls a second something answers, and how fast, with so many under way at a time. */
import { type Clock, systemClock } from '../clock.ts';
import type { LoadReport } from './check-step.ts';

/** What is measured. */
export interface LoadOptions {
  /** One call; one that rejects counts as failed. */
  readonly call: () => Promise<unknown>;
  readonly inFlight: number;
  readonly durationMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Pick<Clock, 'now'>;
}

/** Never rejects. Calls under way at the end of the time are waited for and counted. */
export async function measureLoad(options: LoadOptions): Promise<LoadReport> {
  const { call, inFlight, durationMs, signal, clock = systemClock } = options;
  const latenciesMs: number[] = [];
  let failed = 0;
  const beganAt = clock.now();
  const work = async (): Promise<void> => {
    do {
      const askedAt = clock.now();
      try {
        await call();
        latenciesMs.push(clock.now() - askedAt);
      } catch {
        failed += 1;
      }
    } while (clock.now() - beganAt < durationMs && signal?.aborted !== true);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (clock.now() - beganAt) / 1000;
  const sorted = Float64Array.from(latenciesMs).sort();
  return {
    inFlight,
    calls: sorted.length,
    failed,
    callsPerSecond: seconds > 0 ? Math.round(sorted.length / seconds) : 0,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** 0 of none. */
export function medianOf(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** The nearest-rank quantile of ascending numbers; 0 of none. */
function quantile(ascending: Float64Array, share: number): number {
  const rank = Math.max(1, Math.ceil(ascending.length * share));
  return ascending[rank - 1] ?? 0;
}
