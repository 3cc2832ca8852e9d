/** The spool of a router and what works on it, made from the configuration. Opened and closed by `router.ts`. */
import { dirname, join } from 'node:path';
import type { Clock } from './clock.ts';
import type { RouterConfig } from './config/router-config.ts';
import type { SpoolingOptions } from './delivery/delivery.ts';
import { type MailQueue, RunningQueue } from './delivery/mail-queue.ts';
import { SpoolRunner } from './delivery/spool-runner.ts';
import { SpooledMail } from './delivery/spooled-mail.ts';
import { SpoolingIntake } from './delivery/spooling-intake.ts';
import type { RouterError } from './errors.ts';
import type { EventHub } from './events/event-hub.ts';
import type { MessageRelay } from './relay/message-relay.ts';
import { PostgresStore } from './spool/postgres/postgres-store.ts';
import type { SpoolStore } from './spool/spool-store.ts';
import { SqliteStore } from './spool/sqlite/sqlite-store.ts';

/** No user of a configuration has this name: reports that go by `bounces.via` belong to it. */
export const REPORTS_USER = '<reports>';

export interface SpoolRooms {
  readonly store: SpoolStore;
  readonly runner: SpoolRunner;
  /** False while the store cannot be used. */
  readonly isWorking: boolean;
  /** For commands. */
  readonly queue: MailQueue;
  readonly spooling: SpoolingOptions;
  /** Ends what is before its dot; settles when nothing is under way and no late answer is waited for. */
  settled(): Promise<void>;
}

export interface SpoolSurroundings {
  readonly relay: MessageRelay;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly downstreams: ReadonlyMap<string, unknown>;
  readonly nextId: () => string;
}

/** Undefined when the configuration has no spool. */
export function makeSpoolRooms(
  config: RouterConfig,
  surroundings: SpoolSurroundings,
): SpoolRooms | undefined {
  const { relay, events, clock, nextId } = surroundings;
  const { retry, ambiguous, hostname, bounces } = config;
  const onFault = ({ code, message }: RouterError): void =>
    events.emit({ kind: 'spool-fault', code, message });
  const store = createSpoolStore(config, { onFault });
  if (store === undefined) return undefined;
  const { via, to, from = '' } = bounces;
  const mail = new SpooledMail({
    store,
    events,
    clock,
    ambiguous,
    retry,
    bounces: { hostname, to, from, ...(via !== undefined && { user: REPORTS_USER }) },
    nextId,
  });
  const maxConcurrent = concurrencyOf(config, surroundings);
  const runner = new SpoolRunner({ relay, mail, clock, ambiguous, maxConcurrent });
  const intake = new SpoolingIntake({ relay, mail, clock, onSpooled: () => runner.poke() });
  const modes = new Map([...config.users.values()].map(({ email, mode }) => [email, mode]));
  events.subscribe({
    emit(event) {
      if (event.kind === 'downstream-state-changed' && event.state === 'up') void runner.downstreamIsUp();
    },
  });
  const settled = async (): Promise<void> => void (await Promise.all([runner.end(), intake.settled()]));
  const queue = new RunningQueue(store, () => runner.poke());
  return {
    store,
    runner,
    queue,
    spooling: { intake, modes },
    settled,
    get isWorking() {
      return mail.isWorking;
    },
  };
}

/** How a store is used beside a running router. */
export interface StoreUse {
  readonly onFault: (error: RouterError) => void;
  /** False for a command. Default true. */
  readonly isOwner?: boolean;
}

/** The store a configuration names, not yet open; undefined when off. */
export function createSpoolStore(
  { spool, retry }: Pick<RouterConfig, 'spool' | 'retry'>,
  { onFault, isOwner = true }: StoreUse,
): SpoolStore | undefined {
  switch (spool?.kind) {
    case undefined:
      return undefined;
    case 'postgres':
      return new PostgresStore({ url: spool.url, onFault });
    case 'sqlite':
      return new SqliteStore({
        path: spool.path,
        filesDirectory: join(dirname(spool.path), 'spool'),
        minFreeBytes: spool.minFreeBytes,
        longestDelayMs: Math.max(...retry.delaysMs),
        isOwner,
        onSetAside: onFault,
      });
  }
}

/** Half of what the downstreams take at a time is for new mail. */
function concurrencyOf({ downstreams }: RouterConfig, { downstreams: used }: SpoolSurroundings): number {
  let connections = 0;
  for (const { name, maxConnections } of downstreams.values())
    if (used.has(name)) connections += maxConnections;
  return Math.max(1, Math.floor(connections / 2));
}
