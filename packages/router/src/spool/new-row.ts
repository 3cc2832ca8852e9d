/** A new message and a settlement as plain rows: what goes to a worker thread or into a statement. */
import type { Message } from '../message/message.ts';
import type { NewSpoolMessage, RecipientSettlement, Settlement } from './spool-store.ts';
import { formatFacts, type StoredRecipient, storedRecipient } from './stored-message.ts';

/** Everything of a new record but its content. */
export interface NewRow {
  readonly id: string;
  readonly account: string;
  readonly mailFrom: string;
  readonly sizeBytes: number;
  readonly has8bit: boolean;
  readonly facts: string;
  readonly recipients: readonly StoredRecipient[];
  readonly settled: readonly RecipientSettlement[];
  /** JSON of a ledger entry. */
  readonly entry?: string;
  readonly leaseMs?: number;
}

export function newRow({ message, settlement, leaseMs }: NewSpoolMessage): NewRow {
  const { id, envelope, session, body } = message;
  return {
    id,
    account: session.user,
    mailFrom: envelope.reversePath.address,
    sizeBytes: body.sizeBytes,
    has8bit: body.has8bit,
    facts: formatFacts(message),
    recipients: envelope.forwardPaths.map(storedRecipient),
    ...entryOf(settlement),
    ...(leaseMs !== undefined && { leaseMs }),
  };
}

/** The recipients and the story of a settlement. */
export function entryOf(settlement: Partial<Settlement> | undefined): Pick<NewRow, 'settled' | 'entry'> {
  const { recipients = [], entry } = settlement ?? {};
  return { settled: recipients, ...(entry !== undefined && { entry: JSON.stringify(entry) }) };
}

/** The content in one piece of its own. */
export async function joinedContent({ body }: Pick<Message, 'body'>): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(body.sizeBytes);
  let position = 0;
  for await (const piece of body.read()) {
    content.set(piece, position);
    position += piece.length;
  }
  return content;
}
