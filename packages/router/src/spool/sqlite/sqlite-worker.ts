/**
 * The thread in which SQLite blocks. Whatever was asked while the last commit was on its way to the disk
 * is done in one transaction: many messages share one fsync. When one of them fails, each is done again in a
 * transaction of its own, so that a fault stays with who caused it.
 */
import { existsSync, renameSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';
import { RouterError } from '../../errors.ts';
import type { SqliteFault, SqliteOpening, SqliteRequest, SqliteResponse } from './sqlite-protocol.ts';
import { migrate } from './sqlite-schema.ts';
import { SqliteSpool } from './sqlite-spool.ts';

/** How long a commit waits for a command that reads the same file. */
const BUSY_MS = 10_000;
/** Result codes of SQLite (sqlite.org/rescode.html), without their extensions. */
const SQLITE_FULL = 13;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

class SqliteThread {
  readonly #answer: (responses: readonly SqliteResponse[]) => void;
  #waiting: SqliteRequest[] = [];
  #database: DatabaseSync | undefined;
  #spool: SqliteSpool | undefined;

  constructor(answer: (responses: readonly SqliteResponse[]) => void) {
    this.#answer = answer;
  }

  /** Requests that come in the same turn of the loop, or while a commit blocks it, go together. */
  receive(requests: readonly SqliteRequest[]): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#work());
    this.#waiting.push(...requests);
  }

  #work(): void {
    const requests = this.#waiting;
    this.#waiting = [];
    const [only] = requests;
    if (requests.length === 1 && (only?.name === 'open' || only?.name === 'close')) {
      this.#answer([this.#attempt(only, () => this.#perform(only))]);
      return;
    }
    try {
      this.#answer(this.#inTransaction(() => requests.map((request) => this.#response(request))));
    } catch {
      const apart = (request: SqliteRequest): SqliteResponse =>
        this.#attempt(request, () => this.#inTransaction(() => this.#perform(request)));
      this.#answer(requests.map(apart));
    }
  }

  #response(request: SqliteRequest): SqliteResponse {
    return { number: request.number, answer: this.#perform(request) };
  }

  #attempt({ number }: SqliteRequest, work: () => unknown): SqliteResponse {
    try {
      return { number, answer: work() };
    } catch (error) {
      return { number, fault: faultOf(error) };
    }
  }

  #inTransaction<T>(work: () => T): T {
    const database = this.#database;
    if (database === undefined) throw new RouterError('ROUTER_SPOOL_FAILED', 'The spool is not open.');
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // After some faults SQLite has rolled back by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  #perform(request: SqliteRequest): unknown {
    if (request.name === 'open') return this.#open(request.argument);
    if (request.name === 'close') return this.#close();
    const spool = this.#spool;
    if (spool === undefined) throw new RouterError('ROUTER_SPOOL_FAILED', 'The spool is not open.');
    switch (request.name) {
      case 'put':
        return spool.put(request.argument);
      case 'claim':
        return spool.claim(request.argument);
      case 'renew':
        return spool.renew(request.argument);
      case 'settle':
        return spool.settle(request.argument);
      case 'change':
        return spool.change(request.argument.change, request.argument.filter);
      case 'list':
        return spool.list(request.argument.filter, request.argument.limit);
      case 'trace':
        return spool.trace(request.argument);
      case 'stats':
        return spool.stats();
      case 'nextDueInMs':
        return spool.nextDueInMs();
      case 'files':
        return spool.files();
      case 'setAside':
        return spool.setAside(request.argument.messageId, request.argument.reason);
    }
  }

  /** A file that is no database any more must not keep the router from starting: it is moved out of the way. */
  #open(opening: SqliteOpening): { readonly setAside?: string } {
    try {
      this.#openFile(opening);
      return {};
    } catch (error) {
      if (!isTorn(error) || !opening.isOwner) throw error;
      this.#close();
      const setAside = moveAside(opening.path);
      this.#openFile(opening);
      return { setAside };
    }
  }

  #openFile({ path, isOwner, longestDelayMs }: SqliteOpening): void {
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    this.#database = database;
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    database.exec('PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000');
    migrate(database);
    const spool = new SqliteSpool(database, storeClock());
    if (isOwner) this.#inTransaction(() => spool.recover(longestDelayMs));
    this.#spool = spool;
  }

  #close(): void {
    this.#spool = undefined;
    const database = this.#database;
    this.#database = undefined;
    if (database?.isOpen === true) database.close();
  }
}

/** Wall time at the start, then monotonic: nobody who sets the clock moves what waits. */
function storeClock(): () => number {
  const startedAt = Date.now() - performance.now();
  return () => Math.round(startedAt + performance.now());
}

function moveAside(path: string): string {
  const aside = `${path}.torn-${Date.now()}`;
  for (const ending of ['', '-wal', '-shm']) {
    if (existsSync(path + ending)) renameSync(path + ending, aside + ending);
  }
  return aside;
}

function isTorn(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

function faultOf(error: unknown): SqliteFault {
  if (error instanceof RouterError && error.code === 'ROUTER_SPOOL_UNUSABLE') {
    return { code: error.code, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (resultCode(error) === SQLITE_FULL) {
    return { code: 'ROUTER_SPOOL_FULL', message: `The disk of the spool is full (${message}).` };
  }
  return { code: 'ROUTER_SPOOL_FAILED', message: `The spool failed: ${message}.` };
}

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

const port = parentPort;
if (port !== null) {
  const thread = new SqliteThread((responses) => port.postMessage(responses));
  port.on('message', (requests: readonly SqliteRequest[]) => thread.receive(requests));
}
