/**
 * The spool of several routers, in PostgreSQL: each claims what no other one has in hand (`FOR UPDATE SKIP
 * LOCKED`), and hears of what others put by LISTEN. Notifications may be lost with a connection, so
 * whoever waits polls as well, at longer intervals.
 *
 * The clock is the server's, one for all routers.
 */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { type Clock, systemClock } from '../../clock.ts';
import { RouterError } from '../../errors.ts';
import { createMemoryBody } from '../../message/memory-body.ts';
import type { MessageBody } from '../../message/message-body.ts';
import { filterClause, type SqlDialect } from '../filter-clause.ts';
import { entryOf, joinedContent, type NewRow, newRow } from '../new-row.ts';
import { RECIPIENT_COLUMNS, type RecipientRow, spooledRecipient } from '../recipient-row.ts';
import type {
  Claim,
  ClaimedMessage,
  ClaimOptions,
  NewSpoolMessage,
  PutResult,
  RecipientSettlement,
  Settlement,
  SettleResult,
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolStats,
  SpoolStore,
  SpoolTrace,
} from '../spool-store.ts';
import { StoredBody } from '../stored-body.ts';
import { parseEntries, parseFacts, parseRecipient, restoreMessage } from '../stored-message.ts';
import { PostgresConnections } from './postgres-connections.ts';
import { migrate, refuseUnsafe } from './postgres-schema.ts';

const DIALECT: SqlDialect = { mark: (number) => `$${number}`, position: 'strpos' };
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
/** The first piece holds the header section; all that a claim reads. */
const FIRST_PIECE_BYTES = 65_536;
const PIECE_BYTES = 262_144;
const FINISHED_KEPT_MS = 86_400_000;
const PURGE_EVERY_MS = 60_000;
const PURGE_COUNT = 1_000;

export interface PostgresStoreOptions {
  /** `postgres://user:password@host/database` */
  readonly url: string;
  /** Default `smtp_router`; letters, digits and underscores. */
  readonly schema?: string;
  /** Default 16. */
  readonly maxConnections?: number;
  readonly onFault: (error: RouterError) => void;
  readonly clock?: Clock;
}

export class PostgresStore implements SpoolStore {
  readonly #connections: PostgresConnections;
  readonly #clock: Clock;
  readonly #schema: string;
  readonly #listeners = new Set<() => void>();
  #purgedAt = Number.NEGATIVE_INFINITY;
  #torn = 0;

  constructor(options: PostgresStoreOptions) {
    const { url, schema = 'smtp_router', maxConnections = 16, onFault, clock = systemClock } = options;
    if (!/^[a-z][a-z0-9_]{0,47}$/.test(schema)) {
      throw new RouterError('ROUTER_SPOOL_UNUSABLE', `"${schema}" is no name of a schema.`);
    }
    this.#schema = schema;
    this.#clock = clock;
    this.#connections = new PostgresConnections({ url, maxConnections, clock, onFault });
  }

  async open(): Promise<void> {
    await this.#connections.open();
    await this.#connections.transaction(async (client) => {
      await refuseUnsafe(client);
      await migrate(client, this.#schema);
    });
    await this.#connections.listen(this.#channel, () => {
      for (const listener of this.#listeners) listener();
    });
  }

  async put(message: NewSpoolMessage): Promise<PutResult> {
    const row = newRow(message);
    const content = await joinedContent(message.message);
    return this.#connections.transaction((client) => this.#put(client, row, content));
  }

  async claim({ limit, leaseMs }: ClaimOptions): Promise<readonly ClaimedMessage[]> {
    await this.#purge();
    const rows = await this.#connections.transaction((client) => this.#claim(client, limit, leaseMs));
    const claimed = await Promise.all(rows.map((row) => this.#understand(row)));
    return claimed.filter((message) => message !== undefined);
  }

  async renew({ messageId, token }: Claim, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.#connections.query(
      `UPDATE ${this.#schema}.message SET due_at = ${NOW} + $3 WHERE id = $1 AND token = $2 AND done_at IS NULL`,
      [messageId, token, leaseMs],
    );
    return rowCount === 1;
  }

  async settle(claim: Claim, settlement: Settlement): Promise<SettleResult> {
    const { also } = settlement;
    const content = also && (await joinedContent(also.message));
    return this.#connections.transaction(async (client) => {
      const { messageId } = claim;
      const { settled, entry } = entryOf(settlement);
      const isCurrent = await this.#isCurrent(client, claim);
      for (const one of settled) {
        if (isCurrent || one.kind === 'delivered') await this.#settleRecipient(client, messageId, one);
      }
      if (entry !== undefined) await this.#addEntry(client, messageId, entry);
      if (isCurrent && also !== undefined && content !== undefined) {
        await this.#put(client, newRow(also), content);
      }
      if (isCurrent && settlement.isLast) await this.#endClaim(client, messageId);
      else await this.#finish(client, messageId);
      return { isCurrent };
    });
  }

  async change(change: SpoolChange, filter: SpoolFilter): Promise<number> {
    const [states, effect] = CHANGES[change];
    return this.#connections.transaction(async (client) => {
      const now = await timeOf(client);
      const clause = filterClause(filter, { dialect: DIALECT, first: 1, now });
      const { rows } = await client.query<{ message_id: string }>(
        `UPDATE ${this.#schema}.recipient r SET ${effect} FROM ${this.#schema}.message m
         WHERE m.id = r.message_id AND r.state IN (${states})${clause.sql} RETURNING r.message_id`,
        [...clause.values],
      );
      if (change === 'retry') {
        const ids = [...new Set(rows.map(({ message_id: id }) => id))];
        const sql = `UPDATE ${this.#schema}.message SET due_at = $1 WHERE id = ANY($2) AND token IS NULL`;
        await client.query(sql, [now, ids]);
        await this.#notify(client);
        return rows.length;
      }
      const unclaimed = await client.query<{ id: string }>(
        `SELECT id FROM ${this.#schema}.message WHERE id = ANY($1) AND token IS NULL`,
        [[...new Set(rows.map(({ message_id: id }) => id))]],
      );
      for (const { id } of unclaimed.rows) await this.#endClaim(client, id);
      await this.#notify(client);
      return rows.length;
    });
  }

  async list(filter: SpoolFilter, limit: number): Promise<readonly SpooledRecipient[]> {
    return this.#connections.transaction((client) => this.#list(client, filter, limit));
  }

  async trace(messageId: string): Promise<SpoolTrace | undefined> {
    return this.#connections.transaction(async (client) => {
      const { rows } = await client.query<{ facts: string; is_claimed: boolean }>(
        `SELECT facts, token IS NOT NULL AND done_at IS NULL AS is_claimed
         FROM ${this.#schema}.message WHERE id = $1`,
        [messageId],
      );
      const recipients = await this.#list(client, { messageId }, 1_000_000);
      const [row] = rows;
      const [first] = recipients;
      if (row === undefined || first === undefined) return undefined;
      const { user, mailFrom, sizeBytes } = first;
      const { receivedAt } = parseFacts(row.facts);
      const entries = parseEntries((await this.#entries(client, [messageId])).map(({ entry }) => entry));
      return {
        messageId,
        user,
        mailFrom,
        sizeBytes,
        receivedAt,
        isClaimed: row.is_claimed,
        recipients,
        entries,
      };
    });
  }

  async stats(): Promise<SpoolStats> {
    const { rows } = await this.#connections.query<Record<string, string | null>>(
      `SELECT (SELECT count(*) FROM ${this.#schema}.recipient WHERE state = 'due') AS due,
              (SELECT count(*) FROM ${this.#schema}.recipient WHERE state = 'held') AS held,
              count(*) AS messages, ${NOW} - min(spooled_at) AS age
       FROM ${this.#schema}.message WHERE done_at IS NULL`,
      [],
    );
    const { messages, due, held, age } = rows[0] ?? {};
    return {
      messages: Number(messages ?? 0),
      due: Number(due ?? 0),
      held: Number(held ?? 0),
      torn: this.#torn,
      oldestAgeMs: Math.max(0, Number(age ?? 0)),
    };
  }

  async nextDueInMs(): Promise<number | undefined> {
    const { rows } = await this.#connections.query<{ wait: string | null }>(
      `SELECT min(due_at) - ${NOW} AS wait FROM ${this.#schema}.message WHERE due_at IS NOT NULL`,
      [],
    );
    const wait = rows[0]?.wait ?? null;
    return wait === null ? undefined : Math.max(0, Number(wait));
  }

  onDue(listener: () => void): void {
    this.#listeners.add(listener);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  get #channel(): string {
    return `${this.#schema}_due`;
  }

  async #put(client: PoolClient, row: NewRow, content: Uint8Array): Promise<PutResult> {
    const token = row.leaseMs === undefined ? null : randomUUID();
    const { rowCount } = await client.query(
      `INSERT INTO ${this.#schema}.message
         (id, account, mail_from, size_bytes, has_8bit, facts, spooled_at, due_at, token)
       VALUES ($1, $2, $3, $4, $5, $6, ${NOW}, ${NOW} + $7, $8) ON CONFLICT DO NOTHING`,
      [row.id, row.account, row.mailFrom, row.sizeBytes, row.has8bit, row.facts, row.leaseMs ?? 0, token],
    );
    if (rowCount === 0) return { kind: 'known' };
    const { recipients } = row;
    await client.query(
      `INSERT INTO ${this.#schema}.recipient
         (message_id, id, address, domain, facts, state, due_at, deferrals, waited_ms, reason)
       SELECT $1, x.id, x.address, x.domain, x.facts, 'due', ${NOW}, 0, 0, ''
       FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[]) AS x (id, address, domain, facts)`,
      [
        row.id,
        recipients.map(({ id }) => id),
        recipients.map(({ address }) => address),
        recipients.map(({ domain }) => domain),
        recipients.map(({ facts }) => facts),
      ],
    );
    await this.#putContent(client, row.id, content);
    if (row.entry !== undefined) await this.#addEntry(client, row.id, row.entry);
    for (const settled of row.settled) await this.#settleRecipient(client, row.id, settled);
    if (token === null && row.settled.length > 0) await this.#endClaim(client, row.id);
    await this.#notify(client);
    return { kind: 'stored', ...(token !== null && { claim: { messageId: row.id, token } }) };
  }

  async #putContent(client: PoolClient, id: string, content: Uint8Array): Promise<void> {
    let position = 0;
    let number = 0;
    while (position < content.length || number === 0) {
      const end = position + (number === 0 ? FIRST_PIECE_BYTES : PIECE_BYTES);
      const piece = Buffer.from(
        content.buffer,
        content.byteOffset + position,
        Math.min(end, content.length) - position,
      );
      await client.query(`INSERT INTO ${this.#schema}.body VALUES ($1, $2, $3)`, [id, number, piece]);
      position = end;
      number += 1;
    }
  }

  async #claim(client: PoolClient, limit: number, leaseMs: number): Promise<readonly ClaimRow[]> {
    const now = await timeOf(client);
    const { rows } = await client.query<MessageRow>(
      `WITH found AS (
         SELECT id, token FROM ${this.#schema}.message WHERE due_at <= $1
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       UPDATE ${this.#schema}.message m SET token = gen_random_uuid(), due_at = $1 + $3::bigint
       FROM found WHERE m.id = found.id
       RETURNING m.id, m.token, m.size_bytes, m.has_8bit, m.facts, $1 - m.spooled_at AS age,
                 found.token IS NOT NULL AS is_recovered`,
      [now, limit, leaseMs],
    );
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const recipients = await client.query<StoredRecipientRow>(
      `SELECT message_id, id, facts, deferrals, waited_ms, state = 'due' AND due_at <= $2 AS is_due
       FROM ${this.#schema}.recipient WHERE message_id = ANY($1) ORDER BY message_id, id`,
      [ids, now],
    );
    const contents = await client.query<{ message_id: string; content: Buffer }>(
      `SELECT message_id, content FROM ${this.#schema}.body WHERE message_id = ANY($1) AND number = 0`,
      [ids],
    );
    const entries = await this.#entries(client, ids);
    const claims: ClaimRow[] = [];
    for (const row of rows) {
      const own = recipients.rows.filter(({ message_id: id }) => id === row.id);
      if (!own.some(({ is_due: isDue }) => isDue)) {
        await this.#endClaim(client, row.id);
        continue;
      }
      const content = contents.rows.find(({ message_id: id }) => id === row.id)?.content;
      const texts = entries.filter(({ message_id: id }) => id === row.id).map(({ entry }) => entry);
      claims.push({ row, recipients: own, entries: texts, content });
    }
    return claims;
  }

  /** Undefined = set aside: what is stored makes no message. */
  async #understand({ row, recipients, entries, content }: ClaimRow): Promise<ClaimedMessage | undefined> {
    const claim = { messageId: row.id, token: row.token };
    try {
      const message = restoreMessage(row.id, {
        facts: parseFacts(row.facts),
        recipients: recipients.map(({ id, facts }) => parseRecipient(id, facts)),
        body: this.#body(row, content),
      });
      const due = recipients
        .filter(({ is_due: isDue }) => isDue)
        .map(({ id, deferrals, waited_ms: waitedMs }) => ({ id, deferrals, waitedMs: Number(waitedMs) }));
      const attempts = parseEntries(entries);
      const ageMs = Math.max(0, Number(row.age));
      return { ...claim, message, due, attempts, ageMs, isRecovered: row.is_recovered };
    } catch {
      this.#torn += 1;
      const reason = 'The record is torn (unreadable).';
      const held = recipients.map(({ id }) => ({ recipientId: id, kind: 'held', reason }) as const);
      await this.settle(claim, { recipients: held, isLast: true });
      return undefined;
    }
  }

  #body({ id, size_bytes: size, has_8bit: has8bit }: MessageRow, first: Buffer | undefined): MessageBody {
    const sizeBytes = Number(size);
    if (first === undefined) throw new Error('the content is lost');
    if (first.length === sizeBytes) return createMemoryBody([first]);
    if (first.length < FIRST_PIECE_BYTES) throw new Error('the content is cut');
    return new StoredBody({ sizeBytes, has8bit, first, read: () => this.#pieces(id, first, sizeBytes) });
  }

  async *#pieces(id: string, first: Buffer, sizeBytes: number): AsyncGenerator<Uint8Array> {
    yield first;
    let position = first.length;
    for (let number = 1; position < sizeBytes; number += 1) {
      const { rows } = await this.#connections.query<{ content: Buffer }>(
        `SELECT content FROM ${this.#schema}.body WHERE message_id = $1 AND number = $2`,
        [id, number],
      );
      const piece = rows[0]?.content;
      if (piece === undefined) throw new RouterError('ROUTER_SPOOL_FAILED', 'A piece of a body is gone.');
      position += piece.length;
      yield piece;
    }
  }

  async #isCurrent(client: PoolClient, { messageId, token }: Claim): Promise<boolean> {
    const { rows } = await client.query<{ token: string | null }>(
      `SELECT token FROM ${this.#schema}.message WHERE id = $1 FOR UPDATE`,
      [messageId],
    );
    return rows[0]?.token === token;
  }

  async #settleRecipient(client: PoolClient, messageId: string, settled: RecipientSettlement): Promise<void> {
    const { recipientId, kind, downstreamId, reason, delayMs = 0 } = settled;
    const update = `UPDATE ${this.#schema}.recipient SET`;
    const where = 'WHERE message_id = $1 AND id = $2';
    // NUL is the one character PostgreSQL cannot keep in a text.
    const values = [messageId, recipientId, downstreamId ?? null, reason.replaceAll('\0', '?')];
    switch (kind) {
      case 'delivered':
      case 'failed': {
        const guard = kind === 'failed' ? "AND state IN ('due', 'held')" : '';
        const sql = `${update} state = $5, due_at = NULL, downstream = $3, reason = $4 ${where} ${guard}`;
        await client.query(sql, [...values, kind]);
        break;
      }
      case 'held':
        await client.query(
          `${update} state = 'held', due_at = NULL, downstream = coalesce($3, downstream), reason = $4
           ${where} AND state = 'due'`,
          values,
        );
        break;
      case 'deferred':
        await client.query(
          `${update} due_at = CASE state WHEN 'due' THEN ${NOW} + $5::bigint END, deferrals = deferrals + 1,
           waited_ms = waited_ms + $5::bigint, downstream = coalesce($3, downstream), reason = $4
           ${where} AND state IN ('due', 'held')`,
          [...values, delayMs],
        );
        break;
    }
  }

  async #addEntry(client: PoolClient, messageId: string, entry: string): Promise<void> {
    await client.query(
      `INSERT INTO ${this.#schema}.ledger
       SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM ${this.#schema}.ledger WHERE message_id = $1), $2
       FROM ${this.#schema}.message WHERE id = $1`,
      [messageId, entry],
    );
  }

  async #entries(
    client: PoolClient,
    ids: readonly string[],
  ): Promise<readonly { readonly message_id: string; readonly entry: string }[]> {
    const { rows } = await client.query<{ message_id: string; entry: string }>(
      `SELECT message_id, entry FROM ${this.#schema}.ledger WHERE message_id = ANY($1) ORDER BY message_id, number`,
      [ids],
    );
    return rows;
  }

  async #list(client: PoolClient, filter: SpoolFilter, limit: number): Promise<readonly SpooledRecipient[]> {
    const now = await timeOf(client);
    const clause = filterClause(filter, { dialect: DIALECT, first: 1, now });
    const open = filter.messageId === undefined ? "r.state IN ('due', 'held')" : 'TRUE';
    const { rows } = await client.query<RecipientRow>(
      `SELECT ${RECIPIENT_COLUMNS} FROM ${this.#schema}.message m
       JOIN ${this.#schema}.recipient r ON r.message_id = m.id
       WHERE ${open}${clause.sql} ORDER BY m.spooled_at, m.id, r.id LIMIT $${clause.values.length + 1}`,
      [...clause.values, limit],
    );
    return rows.map((row) => spooledRecipient(withNumbers(row), now));
  }

  /** Nobody has it any more. */
  async #endClaim(client: PoolClient, messageId: string): Promise<void> {
    await client.query(
      `UPDATE ${this.#schema}.message SET token = NULL, due_at =
         (SELECT min(due_at) FROM ${this.#schema}.recipient WHERE message_id = $1 AND state = 'due')
       WHERE id = $1`,
      [messageId],
    );
    await this.#finish(client, messageId);
  }

  /** Without effect while something is owed. */
  async #finish(client: PoolClient, messageId: string): Promise<void> {
    const { rowCount } = await client.query(
      `UPDATE ${this.#schema}.message SET token = NULL, due_at = NULL, done_at = coalesce(done_at, ${NOW})
       WHERE id = $1 AND NOT EXISTS
         (SELECT FROM ${this.#schema}.recipient WHERE message_id = $1 AND state IN ('due', 'held'))`,
      [messageId],
    );
    if (rowCount === 1)
      await client.query(`DELETE FROM ${this.#schema}.body WHERE message_id = $1`, [messageId]);
  }

  async #notify(client: PoolClient): Promise<void> {
    await client.query('SELECT pg_notify($1, $2)', [this.#channel, '']);
  }

  async #purge(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now;
    await this.#connections.query(
      `DELETE FROM ${this.#schema}.message WHERE id IN (
         SELECT id FROM ${this.#schema}.message WHERE done_at < ${NOW} - $1::bigint
         ORDER BY done_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [FINISHED_KEPT_MS, PURGE_COUNT],
    );
  }
}

/** Which states a change concerns, and what it does. */
const CHANGES: Readonly<Record<SpoolChange, readonly [states: string, effect: string]>> = {
  retry: ["'due'", `due_at = ${NOW}`],
  hold: ["'due'", "state = 'held', due_at = NULL"],
  release: ["'held'", `state = 'due', due_at = ${NOW}`],
  drop: ["'due', 'held'", "state = 'dropped', due_at = NULL"],
};

interface ClaimRow {
  readonly row: MessageRow;
  readonly recipients: readonly StoredRecipientRow[];
  readonly entries: readonly string[];
  readonly content: Buffer | undefined;
}

/** bigint comes as text. */
interface MessageRow {
  readonly id: string;
  readonly token: string;
  readonly size_bytes: string;
  readonly has_8bit: boolean;
  readonly facts: string;
  readonly age: string;
  readonly is_recovered: boolean;
}

interface StoredRecipientRow {
  readonly message_id: string;
  readonly id: number;
  readonly facts: string;
  readonly deferrals: number;
  readonly waited_ms: string;
  readonly is_due: boolean;
}

/** bigint comes as text. */
function withNumbers(row: RecipientRow): RecipientRow {
  return {
    ...row,
    size_bytes: Number(row.size_bytes),
    spooled_at: Number(row.spooled_at),
    due_at: row.due_at === null ? null : Number(row.due_at),
  };
}

/** The time of the server in Unix milliseconds. */
async function timeOf(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ now: string }>(`SELECT ${NOW} AS now`);
  return Number(rows[0]?.now);
}
