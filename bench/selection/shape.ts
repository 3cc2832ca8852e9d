/**
 * Shapes of load on anything that can be asked. Open: calls arrive at a rate, whatever becomes of the others;
 * they begin on ticks of about a millisecond. Closed: so many lanes, each asking again when it was answered.
 * Burst: all calls in one turn of the event loop.
 */

export type Shape =
  | { readonly kind: 'open'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'closed'; readonly inFlight: number; readonly seconds: number }
  | { readonly kind: 'burst'; readonly calls: number };

/** One question; rejects when it was not answered by whom it was put to. */
export type Ask = () => Promise<void>;

export interface Outcome {
  readonly answered: number;
  readonly failed: number;
  /** Words of the first failure; empty without one. */
  readonly error: string;
  readonly seconds: number;
  /** Microseconds of CPU time of this process, user and system. */
  readonly cpuUs: number;
  /** Microseconds from a call to its answer. */
  readonly p50Us: number;
  readonly p99Us: number;
}

export async function runShape(shape: Shape, ask: Ask): Promise<Outcome> {
  const tally = new Tally(ask);
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  if (shape.kind === 'open') await open(shape, tally);
  else if (shape.kind === 'closed') await closed(shape, tally);
  else await Promise.all(Array.from({ length: shape.calls }, () => tally.call()));
  const { user, system } = process.cpuUsage(cpuBefore);
  return tally.outcome((performance.now() - began) / 1000, user + system);
}

async function open(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  tally: Tally,
): Promise<void> {
  const calls = Math.round(perSecond * seconds);
  const began = performance.now();
  const under: Promise<void>[] = [];
  while (under.length < calls) {
    await tick();
    const due = Math.min(calls, Math.floor(((performance.now() - began) / 1000) * perSecond));
    while (under.length < due) under.push(tally.call());
  }
  await Promise.all(under);
}

async function closed(
  { inFlight, seconds }: { inFlight: number; seconds: number },
  tally: Tally,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await tally.call();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

function tick(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 1);
  return promise;
}

class Tally {
  readonly #ask: Ask;
  readonly #latencies: number[] = [];
  #failed = 0;
  #error = '';

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async call(): Promise<void> {
    const began = performance.now();
    try {
      await this.#ask();
      this.#latencies.push(performance.now() - began);
    } catch (error) {
      this.#failed += 1;
      if (this.#error === '') this.#error = error instanceof Error ? error.message : String(error);
    }
  }

  outcome(seconds: number, cpuUs: number): Outcome {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN) * 1000;
    return {
      answered: sorted.length,
      failed: this.#failed,
      error: this.#error,
      seconds,
      cpuUs,
      p50Us: at(0.5),
      p99Us: at(0.99),
    };
  }
}
