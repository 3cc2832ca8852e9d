/** The tables of a spool in SQLite, step by step: the number of steps is the version of a file. */
import type { DatabaseSync } from 'node:sqlite';
import { RouterError } from '../../errors.ts';

/**
 * `message.due_at` is the time at which somebody may claim the message: while it is claimed the end of the
 * lease, else the least of its recipients; NULL when nothing of it is due. `token` is set from a claim
 * until it is settled.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE message (
     id TEXT NOT NULL PRIMARY KEY,
     account TEXT NOT NULL,
     mail_from TEXT NOT NULL,
     size_bytes INTEGER NOT NULL,
     has_8bit INTEGER NOT NULL,
     facts TEXT NOT NULL,
     file TEXT,
     spooled_at INTEGER NOT NULL,
     due_at INTEGER,
     token TEXT,
     done_at INTEGER
   ) STRICT;
   CREATE INDEX message_due ON message (due_at) WHERE due_at IS NOT NULL;
   CREATE INDEX message_done ON message (done_at) WHERE done_at IS NOT NULL;
   CREATE INDEX message_file ON message (file) WHERE file IS NOT NULL;
   CREATE TABLE recipient (
     message_id TEXT NOT NULL REFERENCES message ON DELETE CASCADE,
     id INTEGER NOT NULL,
     address TEXT NOT NULL,
     domain TEXT NOT NULL,
     facts TEXT NOT NULL,
     state TEXT NOT NULL,
     due_at INTEGER,
     deferrals INTEGER NOT NULL,
     waited_ms INTEGER NOT NULL,
     downstream TEXT,
     reason TEXT NOT NULL,
     PRIMARY KEY (message_id, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX recipient_open ON recipient (state) WHERE state IN ('due', 'held');
   CREATE TABLE body (
     message_id TEXT NOT NULL PRIMARY KEY REFERENCES message ON DELETE CASCADE,
     content BLOB NOT NULL
   ) STRICT;
   CREATE TABLE ledger (
     message_id TEXT NOT NULL REFERENCES message ON DELETE CASCADE,
     number INTEGER NOT NULL,
     entry TEXT NOT NULL,
     PRIMARY KEY (message_id, number)
   ) STRICT, WITHOUT ROWID;`,
];

/** Brings a file up to date. Throws `ROUTER_SPOOL_UNUSABLE` for one of a later release. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > STEPS.length) {
    const message = `The spool was written by a later release (version ${version}, known is ${STEPS.length}).`;
    throw new RouterError('ROUTER_SPOOL_UNUSABLE', message);
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
