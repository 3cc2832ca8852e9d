/** A row of the recipients' table, joined with its message, as operators see it. */
import type { RecipientState, SpooledRecipient } from './spool-store.ts';

/** Columns of `RecipientRow`, with `m` for the message and `r` for the recipient. */
export const RECIPIENT_COLUMNS = `m.id AS message_id, m.account, m.mail_from, m.size_bytes, m.spooled_at,
  r.id AS recipient_id, r.address, r.state, r.due_at, r.deferrals, r.downstream, r.reason`;

export interface RecipientRow {
  readonly message_id: string;
  readonly account: string;
  readonly mail_from: string;
  readonly size_bytes: number;
  readonly spooled_at: number;
  readonly recipient_id: number;
  readonly address: string;
  readonly state: RecipientState;
  readonly due_at: number | null;
  readonly deferrals: number;
  readonly downstream: string | null;
  readonly reason: string;
}

/** `now`: of the store. */
export function spooledRecipient(row: RecipientRow, now: number): SpooledRecipient {
  const { due_at: dueAt, downstream } = row;
  return {
    messageId: row.message_id,
    user: row.account,
    mailFrom: row.mail_from,
    sizeBytes: row.size_bytes,
    recipientId: row.recipient_id,
    address: row.address,
    state: row.state,
    ...(row.state === 'due' && dueAt !== null && { dueInMs: Math.max(0, dueAt - now) }),
    ageMs: Math.max(0, now - row.spooled_at),
    deferrals: row.deferrals,
    ...(downstream !== null && { downstreamId: downstream }),
    reason: row.reason,
  };
}
