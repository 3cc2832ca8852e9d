/**
 * The statements of a spool in SQLite. Everything here blocks, so it runs in a thread of its own; whoever
 * calls has a transaction open.
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type FilterClause, filterClause, type SqlDialect } from '../filter-clause.ts';
import type { NewRow } from '../new-row.ts';
import { RECIPIENT_COLUMNS, type RecipientRow, spooledRecipient } from '../recipient-row.ts';
import type {
  ClaimOptions,
  DueRecipient,
  RecipientSettlement,
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolStats,
} from '../spool-store.ts';

/** Without numbers: Node 22 takes a numbered parameter for a named one. */
const DIALECT: SqlDialect = { mark: () => '?', position: 'instr' };
/** How long finished records can be looked at, and how many go at a time. */
const FINISHED_KEPT_MS = 86_400_000;
const PURGE_EVERY_MS = 60_000;
const PURGE_COUNT = 1_000;

/** A new record as it goes to the thread: its content, or the file that holds it. */
export interface SqliteNewRow extends NewRow {
  readonly content?: Uint8Array;
  readonly file?: string;
}

export interface SqlitePutResult {
  readonly isStored: boolean;
  readonly token?: string;
}

export interface SqliteRenewal {
  readonly messageId: string;
  readonly token: string;
  readonly leaseMs: number;
}

export interface SqliteSettlement {
  readonly messageId: string;
  readonly token: string;
  readonly settled: readonly RecipientSettlement[];
  readonly entry?: string;
  readonly isLast: boolean;
  readonly also?: SqliteNewRow;
}

/** Files that nobody needs any more once the transaction is committed. */
export interface FreedFiles {
  readonly freedFiles: readonly string[];
}

/** A claimed record, not yet understood. */
export interface SqliteClaim {
  readonly id: string;
  readonly token: string;
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  readonly facts: string;
  readonly recipients: readonly { readonly id: number; readonly facts: string }[];
  readonly due: readonly DueRecipient[];
  readonly entries: readonly string[];
  readonly content?: Uint8Array;
  readonly file?: string;
  readonly ageMs: number;
  readonly isRecovered: boolean;
}

export interface SqliteTrace {
  readonly messageId: string;
  readonly facts: string;
  readonly isClaimed: boolean;
  readonly recipients: readonly SpooledRecipient[];
  readonly entries: readonly string[];
}

export class SqliteSpool {
  readonly #database: DatabaseSync;
  /** Milliseconds; does not go back while the store is open. */
  readonly #now: () => number;
  readonly #statements = new Map<string, StatementSync>();
  #purgedAt = Number.NEGATIVE_INFINITY;

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Whatever was claimed is due: its owner was this process, which is new. A clock that was set back
   * must not keep anything waiting for longer than one delay.
   */
  recover(longestDelayMs: number): void {
    const now = this.#now();
    const latest = now + longestDelayMs;
    this.#run('UPDATE recipient SET due_at = ? WHERE due_at > ?', latest, latest);
    this.#run('UPDATE message SET due_at = ? WHERE token IS NOT NULL AND done_at IS NULL', now);
    this.#run('UPDATE message SET due_at = ? WHERE due_at > ?', latest, latest);
  }

  put(row: SqliteNewRow): SqlitePutResult {
    const now = this.#now();
    const token = row.leaseMs === undefined ? null : randomUUID();
    const { changes } = this.#run(
      `INSERT INTO message (id, account, mail_from, size_bytes, has_8bit, facts, file, spooled_at, token)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      row.id,
      row.account,
      row.mailFrom,
      row.sizeBytes,
      row.has8bit ? 1 : 0,
      row.facts,
      row.file ?? null,
      now,
      token,
    );
    if (changes === 0) return { isStored: false };
    for (const { id, address, domain, facts } of row.recipients) {
      this.#run(
        `INSERT INTO recipient (message_id, id, address, domain, facts, state, due_at, deferrals, waited_ms, reason)
         VALUES (?, ?, ?, ?, ?, 'due', ?, 0, 0, '')`,
        row.id,
        id,
        address,
        domain,
        facts,
        now,
      );
    }
    if (row.content !== undefined) this.#run('INSERT INTO body VALUES (?, ?)', row.id, row.content);
    if (row.entry !== undefined) this.#addEntry(row.id, row.entry);
    for (const settled of row.settled) this.#settleRecipient(row.id, settled, now);
    if (row.leaseMs === undefined) this.#endClaim(row.id);
    else this.#run('UPDATE message SET due_at = ? WHERE id = ?', now + row.leaseMs, row.id);
    return { isStored: true, ...(token !== null && { token }) };
  }

  claim({ limit, leaseMs }: ClaimOptions): readonly SqliteClaim[] {
    this.#purge();
    const now = this.#now();
    const due = this.#all('SELECT id FROM message WHERE due_at <= ? ORDER BY due_at LIMIT ?', now, limit);
    return due
      .map(({ id }) => this.#claimOne(String(id), now, leaseMs))
      .filter(({ due: { length } }) => length > 0);
  }

  renew({ messageId, token, leaseMs }: SqliteRenewal): boolean {
    const dueAt = this.#now() + leaseMs;
    const sql = 'UPDATE message SET due_at = ? WHERE id = ? AND token = ? AND done_at IS NULL';
    return this.#run(sql, dueAt, messageId, token).changes === 1;
  }

  settle(settlement: SqliteSettlement): FreedFiles & { readonly isCurrent: boolean } {
    const { messageId, token, settled, entry, isLast, also } = settlement;
    const isCurrent =
      this.#get('SELECT 1 FROM message WHERE id = ? AND token = ?', messageId, token) !== undefined;
    const now = this.#now();
    for (const one of settled) {
      if (isCurrent || one.kind === 'delivered') this.#settleRecipient(messageId, one, now);
    }
    if (entry !== undefined && this.#isKnown(messageId)) this.#addEntry(messageId, entry);
    const freed: string[] = [];
    if (isCurrent && also !== undefined && !this.put(also).isStored && also.file !== undefined)
      freed.push(also.file);
    if (!isCurrent && also?.file !== undefined) freed.push(also.file);
    if (isCurrent && isLast) freed.push(...this.#endClaim(messageId));
    else if (!this.#isOpen(messageId)) freed.push(...this.#finish(messageId));
    return { isCurrent, freedFiles: freed };
  }

  change(change: SpoolChange, filter: SpoolFilter): FreedFiles & { readonly count: number } {
    const now = this.#now();
    const clause = filterClause(filter, { dialect: DIALECT, first: 1, now });
    if (change === 'retry') return { count: this.#retry(clause, now), freedFiles: [] };
    const [states, effect] = CHANGES[change];
    const found = this.#all(
      `SELECT m.id, r.id AS recipient, m.token IS NOT NULL AS is_claimed FROM message m
       JOIN recipient r ON r.message_id = m.id WHERE r.state IN (${states})${clause.sql}`,
      ...clause.values,
    );
    const ids = new Set<string>();
    for (const { id, recipient, is_claimed: isClaimed } of found) {
      const sql = `UPDATE recipient SET ${effect} WHERE message_id = ? AND id = ?`;
      this.#run(sql, ...(effect.includes('?') ? [now] : []), String(id), Number(recipient));
      if (isClaimed === 0) ids.add(String(id));
    }
    return { count: found.length, freedFiles: [...ids].flatMap((id) => this.#endClaim(id)) };
  }

  list(filter: SpoolFilter, limit: number): readonly SpooledRecipient[] {
    const now = this.#now();
    const clause = filterClause(filter, { dialect: DIALECT, first: 1, now });
    const open = filter.messageId === undefined ? "r.state IN ('due', 'held')" : 'TRUE';
    const rows = this.#all(
      `SELECT ${RECIPIENT_COLUMNS} FROM message m JOIN recipient r ON r.message_id = m.id
       WHERE ${open}${clause.sql} ORDER BY m.spooled_at, m.id, r.id LIMIT ?`,
      ...clause.values,
      limit,
    );
    // The columns are those of the schema above.
    return rows.map((row) => spooledRecipient(row as unknown as RecipientRow, now));
  }

  trace(messageId: string): SqliteTrace | undefined {
    const row = this.#get(
      'SELECT facts, token IS NOT NULL AND done_at IS NULL AS is_claimed FROM message WHERE id = ?',
      messageId,
    );
    if (row === undefined) return undefined;
    return {
      messageId,
      facts: String(row['facts']),
      isClaimed: row['is_claimed'] === 1,
      recipients: this.list({ messageId }, Number.MAX_SAFE_INTEGER),
      entries: this.#entries(messageId),
    };
  }

  stats(): Omit<SpoolStats, 'torn'> {
    const counts = this.#all(
      "SELECT state, count(*) AS n FROM recipient WHERE state IN ('due', 'held') GROUP BY state",
    );
    const countOf = (state: string): number =>
      Number(counts.find((row) => row['state'] === state)?.['n'] ?? 0);
    const whole = this.#get(
      'SELECT count(*) AS n, min(spooled_at) AS oldest FROM message WHERE done_at IS NULL',
    );
    const oldest = whole?.['oldest'] ?? null;
    return {
      messages: Number(whole?.['n'] ?? 0),
      due: countOf('due'),
      held: countOf('held'),
      oldestAgeMs: oldest === null ? 0 : Math.max(0, this.#now() - Number(oldest)),
    };
  }

  nextDueInMs(): number | undefined {
    const dueAt =
      this.#get('SELECT min(due_at) AS due_at FROM message WHERE due_at IS NOT NULL')?.['due_at'] ?? null;
    return dueAt === null ? undefined : Math.max(0, Number(dueAt) - this.#now());
  }

  /** Names of all files that content lies in. */
  files(): readonly string[] {
    return this.#all('SELECT file FROM message WHERE file IS NOT NULL').map(({ file }) => String(file));
  }

  /** A record that cannot be understood waits for somebody who can, and stops nobody. */
  setAside(messageId: string, reason: string): void {
    const sql =
      "UPDATE recipient SET state = 'held', due_at = NULL, reason = ? WHERE message_id = ? AND state = 'due'";
    this.#run(sql, reason, messageId);
    this.#endClaim(messageId);
  }

  #claimOne(id: string, now: number, leaseMs: number): SqliteClaim {
    const token = randomUUID();
    const row = this.#get(
      `SELECT m.*, b.content FROM message m LEFT JOIN body b ON b.message_id = m.id WHERE m.id = ?`,
      id,
    );
    const recipients = this.#all('SELECT * FROM recipient WHERE message_id = ? ORDER BY id', id);
    const due = recipients
      .filter(({ state, due_at: dueAt }) => state === 'due' && Number(dueAt) <= now)
      .map((recipient) => ({
        id: Number(recipient['id']),
        deferrals: Number(recipient['deferrals']),
        waitedMs: Number(recipient['waited_ms']),
      }));
    if (due.length === 0) this.#endClaim(id);
    else this.#run('UPDATE message SET token = ?, due_at = ? WHERE id = ?', token, now + leaseMs, id);
    const { content, file } = row ?? {};
    return {
      id,
      token,
      sizeBytes: Number(row?.['size_bytes']),
      has8bit: row?.['has_8bit'] === 1,
      facts: String(row?.['facts']),
      recipients: recipients.map((recipient) => ({
        id: Number(recipient['id']),
        facts: String(recipient['facts']),
      })),
      due,
      entries: this.#entries(id),
      ...(content instanceof Uint8Array && { content }),
      ...(typeof file === 'string' && { file }),
      ageMs: Math.max(0, now - Number(row?.['spooled_at'])),
      isRecovered: typeof row?.['token'] === 'string',
    };
  }

  #settleRecipient(messageId: string, settled: RecipientSettlement, now: number): void {
    const { recipientId, kind, downstreamId, reason, delayMs = 0 } = settled;
    const who = downstreamId ?? null;
    const where = 'WHERE message_id = ? AND id = ?';
    switch (kind) {
      case 'delivered':
      case 'failed': {
        const guard = kind === 'failed' ? " AND state IN ('due', 'held')" : '';
        const sql = `UPDATE recipient SET state = ?, due_at = NULL, downstream = ?, reason = ? ${where}${guard}`;
        this.#run(sql, kind, who, reason, messageId, recipientId);
        break;
      }
      case 'held': {
        const sql = `UPDATE recipient SET state = 'held', due_at = NULL, downstream = coalesce(?, downstream), reason = ? ${where} AND state = 'due'`;
        this.#run(sql, who, reason, messageId, recipientId);
        break;
      }
      case 'deferred': {
        const sql = `UPDATE recipient SET due_at = CASE state WHEN 'due' THEN ? END, deferrals = deferrals + 1,
          waited_ms = waited_ms + ?, downstream = coalesce(?, downstream), reason = ? ${where} AND state IN ('due', 'held')`;
        this.#run(sql, now + delayMs, delayMs, who, reason, messageId, recipientId);
        break;
      }
    }
  }

  #addEntry(messageId: string, entry: string): void {
    const sql =
      'INSERT INTO ledger SELECT ?, coalesce(max(number), 0) + 1, ? FROM ledger WHERE message_id = ?';
    this.#run(sql, messageId, entry, messageId);
  }

  #entries(messageId: string): readonly string[] {
    const rows = this.#all('SELECT entry FROM ledger WHERE message_id = ? ORDER BY number', messageId);
    return rows.map(({ entry }) => String(entry));
  }

  /** A downstream that heals makes all at once due: a hundred thousand rows must not take long. */
  #retry({ sql, values }: FilterClause, now: number): number {
    const found = `FROM message m JOIN recipient r ON r.message_id = m.id WHERE r.state = 'due'${sql}`;
    const { changes } = this.#run(
      `UPDATE recipient SET due_at = ? WHERE (message_id, id) IN (SELECT r.message_id, r.id ${found})`,
      now,
      ...values,
    );
    this.#run(
      `UPDATE message SET due_at = ? WHERE token IS NULL AND id IN (SELECT m.id ${found})`,
      now,
      ...values,
    );
    return Number(changes);
  }

  /** Nobody has it any more; answers the file that is free when nothing is owed any more. */
  #endClaim(messageId: string): readonly string[] {
    if (!this.#isOpen(messageId)) return this.#finish(messageId);
    this.#run(
      `UPDATE message SET token = NULL, due_at =
         (SELECT min(due_at) FROM recipient WHERE message_id = ? AND state = 'due') WHERE id = ?`,
      messageId,
      messageId,
    );
    return [];
  }

  #finish(messageId: string): readonly string[] {
    const file = this.#get('SELECT file FROM message WHERE id = ?', messageId)?.['file'];
    this.#run('DELETE FROM body WHERE message_id = ?', messageId);
    this.#run(
      'UPDATE message SET token = NULL, due_at = NULL, file = NULL, done_at = coalesce(done_at, ?) WHERE id = ?',
      this.#now(),
      messageId,
    );
    return typeof file === 'string' ? [file] : [];
  }

  #isOpen(messageId: string): boolean {
    const sql = "SELECT 1 FROM recipient WHERE message_id = ? AND state IN ('due', 'held') LIMIT 1";
    return this.#get(sql, messageId) !== undefined;
  }

  #isKnown(messageId: string): boolean {
    return this.#get('SELECT 1 FROM message WHERE id = ?', messageId) !== undefined;
  }

  #purge(): void {
    const now = this.#now();
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now;
    this.#run(
      'DELETE FROM message WHERE id IN (SELECT id FROM message WHERE done_at < ? ORDER BY done_at LIMIT ?)',
      now - FINISHED_KEPT_MS,
      PURGE_COUNT,
    );
  }

  #run(sql: string, ...values: readonly SQLInputValue[]): { readonly changes: number | bigint } {
    return this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: readonly SQLInputValue[]): Readonly<Record<string, unknown>> | undefined {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#statement(sql).all(...values);
  }

  /** Filters make many texts of few kinds; what is not asked again is not worth keeping for ever. */
  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= 200) this.#statements.clear();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Which states a change concerns, and what it does. */
const CHANGES: Readonly<Record<Exclude<SpoolChange, 'retry'>, readonly [states: string, effect: string]>> = {
  hold: ["'due'", "state = 'held', due_at = NULL"],
  release: ["'held'", "state = 'due', due_at = ?"],
  drop: ["'due', 'held'", "state = 'dropped', due_at = NULL"],
};
