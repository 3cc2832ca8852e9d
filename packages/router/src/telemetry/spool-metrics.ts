import { Gauge, type Registry } from 'prom-client';

/** What waits in a spool. */
export interface SpoolCounts {
  readonly messages: number;
  readonly due: number;
  readonly held: number;
  readonly torn: number;
  readonly oldestAgeMs: number;
}

/** What is asked of a spool when the metrics are read. Rejects while it cannot be used. */
export interface SpoolUse {
  stats(): Promise<SpoolCounts>;
}

/** How long one look counts: whoever asks more often gets the same answer. */
const KNOWN_MS = 5_000;
const NOTHING: SpoolCounts = { messages: 0, due: 0, held: 0, torn: 0, oldestAgeMs: 0 };

/** Gauges of a spool, which is looked at when somebody asks; the last known figures while it cannot be used. */
export function watchSpool(registry: Registry, spool: SpoolUse, now: () => number): void {
  const look = lookedAtOften(spool, now);
  const watch = (name: string, help: string, read: (counts: SpoolCounts) => number): void => {
    new Gauge({
      name: `smtp_router_spool_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(read(await look()));
      },
    });
  };
  watch('messages', 'Messages with a recipient that waits or is held.', ({ messages }) => messages);
  watch('due_recipients', 'Recipients that wait for their next try.', ({ due }) => due);
  watch('held_recipients', 'Recipients that wait for somebody to look at them.', ({ held }) => held);
  watch('torn_records', 'Records that could not be read since the start; they are held.', ({ torn }) => torn);
  watch(
    'oldest_age_seconds',
    'Age of the oldest message, 0 without one.',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
}

function lookedAtOften(spool: SpoolUse, now: () => number): () => Promise<SpoolCounts> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let known = Promise.resolve(NOTHING);
  return () => {
    if (now() - lookedAt < KNOWN_MS) return known;
    lookedAt = now();
    const before = known;
    known = spool.stats().catch(() => before);
    return known;
  };
}
