/** How envelope, session and ledger are written into a store, and how they are read again. */
import type { EsmtpParameter, Path } from '@smtp-router/smtp/grammar';
import { z } from 'zod';
import type { Message, Recipient, SessionFacts } from '../message/message.ts';
import type { MessageBody } from '../message/message-body.ts';
import type { LedgerEntry } from './spool-store.ts';

const parameterSchema = z.object({ keyword: z.string(), value: z.string().exactOptional() });

const pathSchema = z.object({
  address: z.string(),
  mailbox: z.object({ localPart: z.string(), domain: z.string() }).exactOptional(),
});

const recipientSchema = z.object({ path: pathSchema, parameters: z.array(parameterSchema) });

const factsSchema = z.object({
  reversePath: pathSchema,
  mailParameters: z.array(parameterSchema),
  session: z.object({
    sessionId: z.string(),
    listener: z.string(),
    clientAddress: z.string(),
    helo: z.string(),
    isTls: z.boolean(),
    isEsmtp: z.boolean(),
    isAuthenticated: z.boolean(),
    user: z.string(),
  }),
  receivedAt: z.number(),
});

/** What of a message belongs to no single recipient, without the content. */
export interface StoredFacts {
  readonly reversePath: Path;
  readonly mailParameters: readonly EsmtpParameter[];
  readonly session: SessionFacts;
  readonly receivedAt: number;
}

/** A recipient in its two forms. */
export interface StoredRecipient {
  readonly id: number;
  readonly address: string;
  /** Lower case; '' where there is none. */
  readonly domain: string;
  /** JSON of path and parameters. */
  readonly facts: string;
}

/** JSON of everything but content and recipients. */
export function formatFacts({ envelope, session, receivedAt }: Message): string {
  const { reversePath, mailParameters } = envelope;
  return JSON.stringify({ reversePath, mailParameters, session, receivedAt } satisfies StoredFacts);
}

/** Throws when it is no such JSON: the record is torn. */
export function parseFacts(json: string): StoredFacts {
  return factsSchema.parse(JSON.parse(json));
}

export function storedRecipient({ id, path, parameters }: Recipient): StoredRecipient {
  const facts = JSON.stringify({ path, parameters });
  return { id, address: path.address, domain: path.mailbox?.domain.toLowerCase() ?? '', facts };
}

/** Throws when it is no such JSON: the record is torn. */
export function parseRecipient(id: number, json: string): Recipient {
  return { id, ...recipientSchema.parse(JSON.parse(json)) };
}

/** The message as it came in. */
export function restoreMessage(
  id: string,
  parts: {
    readonly facts: StoredFacts;
    readonly recipients: readonly Recipient[];
    readonly body: MessageBody;
  },
): Message {
  const { reversePath, mailParameters, session, receivedAt } = parts.facts;
  const envelope = { reversePath, mailParameters, forwardPaths: parts.recipients };
  return { id, envelope, body: parts.body, session, receivedAt };
}

/**
 * A story is only ever shown, or told to a selector: what cannot be read of it is left out, for mail must
 * not wait for its history.
 */
export function parseEntries(texts: readonly string[]): readonly LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const text of texts) {
    try {
      // Written by `JSON.stringify` of the same type; a later release reads what it knows of it.
      const entry: unknown = JSON.parse(text);
      if (isEntry(entry)) entries.push(entry);
    } catch {
      // Cut short; the next one may be whole.
    }
  }
  return entries;
}

function isEntry(value: unknown): value is LedgerEntry {
  return entrySchema.safeParse(value).success;
}

const entrySchema = z.looseObject({
  at: z.number(),
  attempts: z.array(
    z.looseObject({
      downstreamId: z.string(),
      recipientIds: z.array(z.number()),
      startedAt: z.number(),
      durationMs: z.number(),
      phase: z.string(),
      outcomes: z.array(z.looseObject({ kind: z.string() })),
    }),
  ),
});
