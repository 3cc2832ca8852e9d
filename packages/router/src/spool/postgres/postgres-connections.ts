/** The connections of a store: what each begins with, transactions, and faults in our words. */
import type { Client, Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { CancelTimer, Clock } from '../../clock.ts';
import { RouterError } from '../../errors.ts';

const CONNECT_MS = 5_000;
/** A server that hangs must not make clients wait beyond their patience. */
const QUERY_MS = 20_000;
const RECONNECT_MS = 2_000;
/** A commit counts once it is on the disk here, whatever the server's default is; a stricter default stays. */
const FORCE_COMMIT = `SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') IN ('off', 'local')`;

export interface PostgresConnectionsOptions {
  /** `postgres://…` */
  readonly url: string;
  readonly maxConnections: number;
  readonly clock: Clock;
  /** A connection broke off while nobody used it, or notifications do not come; both mend themselves. */
  readonly onFault: (error: RouterError) => void;
}

export class PostgresConnections {
  readonly #options: PostgresConnectionsOptions;
  /** Loaded by those who use it only. */
  #driver: typeof import('pg') | undefined;
  /** Defined once open. */
  #pool: Pool | undefined;
  #listening: Client | undefined;
  #cancelReconnect: CancelTimer | undefined;
  #isClosed: boolean = false;

  constructor(options: PostgresConnectionsOptions) {
    this.#options = options;
  }

  /** Makes no connection yet. */
  async open(): Promise<void> {
    const options = this.#options;
    const driver = await import('pg');
    this.#driver = driver;
    const pool = new driver.Pool({
      connectionString: options.url,
      max: options.maxConnections,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
      keepAlive: true,
      application_name: 'smtp-router',
      // Awaited before anybody gets the connection; one that fails here is given to nobody.
      onConnect: async (client) => void (await client.query(FORCE_COMMIT)),
    });
    // Without a listener, a server that restarts would end the process.
    this.#pool = pool;
    pool.on('error', (cause) => options.onFault(fault(cause)));
    // The same for one that is in use: whoever uses it hears of it by its query.
    pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** One statement, one commit. */
  async query<Row extends QueryResultRow>(
    sql: string,
    values: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    if (this.#isClosed || this.#pool === undefined) throw closedError();
    try {
      return await this.#pool.query<Row>(sql, [...values]);
    } catch (cause) {
      throw fault(cause);
    }
  }

  /** Several statements, one commit; rolled back when the work rejects. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#isClosed || this.#pool === undefined) throw closedError();
    const client = await this.#pool.connect().catch((cause) => Promise.reject(fault(cause)));
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (cause) {
      // A connection that cannot even roll back is of no use to anybody.
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw fault(cause);
    }
  }

  /** Calls for every notification of a channel, over a connection of its own that is made again when it breaks. */
  async listen(channel: string, onNotification: () => void): Promise<void> {
    if (this.#isClosed || this.#driver === undefined) return;
    const client = new this.#driver.Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'smtp-router',
    });
    this.#listening = client;
    let isLost = false;
    const lost = (cause: Error): void => {
      if (isLost || this.#isClosed) return;
      isLost = true;
      this.#options.onFault(fault(cause));
      void client.end().catch(() => {});
      this.#cancelReconnect = this.#options.clock.schedule(RECONNECT_MS, () => {
        void this.listen(channel, onNotification);
      });
    };
    client.on('error', lost);
    client.on('end', () => lost(new Error('the connection for notifications ended')));
    client.on('notification', onNotification);
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      // Whatever was notified while nobody listened.
      onNotification();
    } catch (cause) {
      lost(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelReconnect?.();
    await Promise.allSettled([this.#pool?.end(), this.#listening?.end()]);
  }
}

/** Codes of SQLSTATE: disk_full, and out of memory for a statement. */
const FULL: ReadonlySet<string> = new Set(['53100', '53200']);

function fault(cause: unknown): RouterError {
  if (cause instanceof RouterError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  // What the server says has a SQLSTATE of five characters, what the system says a longer name.
  if (cause instanceof Error && code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    const message = `PostgreSQL refused (${code}): ${cause.message}.`;
    return new RouterError(FULL.has(code) ? 'ROUTER_SPOOL_FULL' : 'ROUTER_SPOOL_FAILED', message, { cause });
  }
  const why = code ?? (cause instanceof Error ? cause.message : 'unknown reason');
  return new RouterError('ROUTER_SPOOL_FAILED', `PostgreSQL cannot be reached (${why}).`, { cause });
}

function closedError(): RouterError {
  return new RouterError('ROUTER_SPOOL_CLOSED', 'The spool is closed.');
}
