/**
 * The connections of one downstream: how many there may be, which are idle, and who waits for one.
 *
 * A turn is the right to use one of `maxConnections` places; with it comes an idle connection when
 * there is one, otherwise the owner of the turn opens one. The most recently used connection is given
 * first, so that the others can grow old and close. Waiters are served in order of arrival, none
 * longer than its limit. Invariant: waiters exist only while every place is taken and none is idle.
 */

import type { Clock } from '../clock.ts';
import type { AttemptLimit } from './attempt-limit.ts';

/** What a wish for a connection led to. */
export type PoolTurn<C> =
  | { readonly kind: 'granted'; readonly connection: C | undefined }
  | { readonly kind: 'too-late' }
  | { readonly kind: 'turned-away' }
  | { readonly kind: 'closed' };

export interface ConnectionPoolOptions {
  readonly maxConnections: number;
  readonly clock: Clock;
}

interface Waiter<C> {
  readonly settle: (turn: PoolTurn<C>) => void;
}

export class ConnectionPool<C> {
  readonly #options: ConnectionPoolOptions;
  /** Last in, first out. */
  readonly #idle: C[] = [];
  readonly #waiters = new Set<Waiter<C>>();
  /** Places taken: turns under way and idle connections. */
  #taken = 0;
  #isClosed: boolean = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A turn now, or when one is given back, or the reason why not. A granted one ends by `keep` or `giveUp`. */
  take(limit: AttemptLimit): PoolTurn<C> | Promise<PoolTurn<C>> {
    if (this.#isClosed) return { kind: 'closed' };
    const connection = this.#idle.pop();
    if (connection !== undefined) return { kind: 'granted', connection };
    if (limit.isOver) return { kind: 'too-late' };
    if (this.#taken >= this.#options.maxConnections) return this.#wait(limit);
    this.#taken += 1;
    return { kind: 'granted', connection: undefined };
  }

  /** The turn ends and leaves a usable connection. False = the pool is closed: the caller closes it. */
  keep(connection: C): boolean {
    if (this.#isClosed) {
      this.#taken -= 1;
      return false;
    }
    const isWanted = this.#serveNext(connection);
    if (!isWanted) this.#idle.push(connection);
    return true;
  }

  /** The turn ends without a connection. */
  giveUp(): void {
    const isWanted = !this.#isClosed && this.#serveNext(undefined);
    if (!isWanted) this.#taken -= 1;
  }

  /** An idle connection closed by itself. Without effect for one that is not idle. */
  forget(connection: C): void {
    const index = this.#idle.indexOf(connection);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    this.#taken -= 1;
  }

  /** Ends every wait, and answers the idle connections: the caller closes them. Turns go on. */
  turnAway(): readonly C[] {
    for (const waiter of this.#waiters) waiter.settle({ kind: 'turned-away' });
    return this.#giveUpIdle();
  }

  /** Grants nothing any more and answers the idle connections: the caller closes them. */
  close(): readonly C[] {
    this.#isClosed = true;
    for (const waiter of this.#waiters) waiter.settle({ kind: 'closed' });
    return this.#giveUpIdle();
  }

  #giveUpIdle(): readonly C[] {
    const idle = this.#idle.splice(0);
    this.#taken -= idle.length;
    return idle;
  }

  #serveNext(connection: C | undefined): boolean {
    const [waiter] = this.#waiters;
    waiter?.settle({ kind: 'granted', connection });
    return waiter !== undefined;
  }

  #wait(limit: AttemptLimit): Promise<PoolTurn<C>> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const tooLate = (): void => waiter.settle({ kind: 'too-late' });
      const cancelTimer = clock.schedule(Math.max(0, limit.deadlineAt - clock.now()), tooLate);
      limit.onStop(tooLate);
      const waiter: Waiter<C> = {
        settle: (turn) => {
          this.#waiters.delete(waiter);
          cancelTimer();
          limit.offStop(tooLate);
          resolve(turn);
        },
      };
      this.#waiters.add(waiter);
    });
  }
}
