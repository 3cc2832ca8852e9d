/** The tables of a spool in PostgreSQL, in a schema of their own; each step is run once, by one router. */
import type { PoolClient } from 'pg';
import { RouterError } from '../../errors.ts';

/** The same as in SQLite, but for the content, which comes in pieces: nobody reads a large one whole. */
const STEPS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE ${schema}.message (
      id text NOT NULL PRIMARY KEY,
      account text NOT NULL,
      mail_from text NOT NULL,
      size_bytes bigint NOT NULL,
      has_8bit boolean NOT NULL,
      facts text NOT NULL,
      spooled_at bigint NOT NULL,
      due_at bigint,
      token uuid,
      done_at bigint
    );
    CREATE INDEX message_due ON ${schema}.message (due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX message_done ON ${schema}.message (done_at) WHERE done_at IS NOT NULL;
    CREATE TABLE ${schema}.recipient (
      message_id text NOT NULL REFERENCES ${schema}.message ON DELETE CASCADE,
      id integer NOT NULL,
      address text NOT NULL,
      domain text NOT NULL,
      facts text NOT NULL,
      state text NOT NULL,
      due_at bigint,
      deferrals integer NOT NULL,
      waited_ms bigint NOT NULL,
      downstream text,
      reason text NOT NULL,
      PRIMARY KEY (message_id, id)
    );
    CREATE INDEX recipient_open ON ${schema}.recipient (state) WHERE state IN ('due', 'held');
    CREATE TABLE ${schema}.body (
      message_id text NOT NULL REFERENCES ${schema}.message ON DELETE CASCADE,
      number integer NOT NULL,
      content bytea NOT NULL,
      PRIMARY KEY (message_id, number)
    );
    ALTER TABLE ${schema}.body ALTER COLUMN content SET STORAGE EXTERNAL;
    CREATE TABLE ${schema}.ledger (
      message_id text NOT NULL REFERENCES ${schema}.message ON DELETE CASCADE,
      number integer NOT NULL,
      entry text NOT NULL,
      PRIMARY KEY (message_id, number)
    );`,
];

/** Held while the tables are made; any number will do as long as nobody else takes it. */
const LOCK = 7_337_001;

/** Brings the tables up to date, in a transaction of the caller. Throws `ROUTER_SPOOL_UNUSABLE` for those of a later release. */
export async function migrate(client: PoolClient, schema: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.migration (version integer NOT NULL PRIMARY KEY)`);
  const { rows } = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migration`,
  );
  const version = rows[0]?.version ?? 0;
  if (version > STEPS.length) {
    const message = `The spool was written by a later release (version ${version}, known is ${STEPS.length}).`;
    throw new RouterError('ROUTER_SPOOL_UNUSABLE', message);
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue;
    await client.query(step(schema));
    await client.query(`INSERT INTO ${schema}.migration VALUES ($1)`, [index + 1]);
  }
}

/** Refuses a server that says a commit is durable when it is not. */
export async function refuseUnsafe(client: PoolClient): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes']) {
    const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [setting]);
    if (rows[0]?.value === 'on') continue;
    const message = `PostgreSQL runs with ${setting}=off and would lose accepted mail when the power fails.`;
    throw new RouterError('ROUTER_SPOOL_UNUSABLE', message);
  }
}
