/** Requests of `queue` and `trace`, and their answers, on the wire. */
import { z } from 'zod';
import type {
  MailQueue,
  SpoolChange,
  SpooledRecipient,
  SpoolFilter,
  SpoolTrace,
} from '../delivery/mail-queue.ts';
import { RouterError } from '../errors.ts';

const filterSchema = z.strictObject({
  messageId: z.string().max(1_000).exactOptional(),
  user: z.string().max(1_000).exactOptional(),
  downstreamId: z.string().max(1_000).exactOptional(),
  domain: z.string().max(1_000).exactOptional(),
  minAgeMs: z.number().min(0).exactOptional(),
  reason: z.string().max(1_000).exactOptional(),
  state: z.enum(['due', 'held']).exactOptional(),
});

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('list'), filter: filterSchema, limit: z.int().min(1).max(100_000) }),
  z.strictObject({
    kind: z.literal('change'),
    change: z.enum(['retry', 'hold', 'release', 'drop']),
    filter: filterSchema,
  }),
  z.strictObject({ kind: z.literal('trace'), messageId: z.string().max(1_000) }),
]);

/** One thing asked of the queue. */
export type QueueRequest =
  | { readonly kind: 'list'; readonly filter: SpoolFilter; readonly limit: number }
  | { readonly kind: 'change'; readonly change: SpoolChange; readonly filter: SpoolFilter }
  | { readonly kind: 'trace'; readonly messageId: string };

/** What was found or done. */
export type QueueAnswer =
  | { readonly kind: 'list'; readonly recipients: readonly SpooledRecipient[] }
  | { readonly kind: 'change'; readonly count: number }
  | { readonly kind: 'trace'; readonly trace?: SpoolTrace };

const recipientSchema = z.object({
  messageId: z.string(),
  user: z.string(),
  mailFrom: z.string(),
  sizeBytes: z.number(),
  recipientId: z.number(),
  address: z.string(),
  state: z.enum(['due', 'held', 'delivered', 'failed', 'dropped']),
  dueInMs: z.number().exactOptional(),
  ageMs: z.number(),
  deferrals: z.number(),
  downstreamId: z.string().exactOptional(),
  reason: z.string(),
});

const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('list'), recipients: z.array(recipientSchema) }),
  z.object({ kind: z.literal('change'), count: z.number() }),
  z.object({
    kind: z.literal('trace'),
    trace: z
      .object({
        messageId: z.string(),
        user: z.string(),
        mailFrom: z.string(),
        sizeBytes: z.number(),
        receivedAt: z.number(),
        isClaimed: z.boolean(),
        recipients: z.array(recipientSchema),
        entries: z.array(z.custom<SpoolTrace['entries'][number]>((entry) => typeof entry === 'object')),
      })
      .exactOptional(),
  }),
]);

/** The request, or `ROUTER_BAD_REQUEST`. */
export function parseQueueRequest(body: Uint8Array): QueueRequest {
  try {
    return requestSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new RouterError('ROUTER_BAD_REQUEST', 'The request to the queue is not understood.', { cause });
  }
}

/** The answer, or `ROUTER_CONTROL_FAILED`: another release of the router may have answered. */
export function parseQueueAnswer(answer: unknown): QueueAnswer {
  const checked = answerSchema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered is another release.');
}

/** Does what is asked. Rejects with `ROUTER_NO_SPOOL` without a queue. */
export async function answerQueue(queue: MailQueue | undefined, request: QueueRequest): Promise<QueueAnswer> {
  if (queue === undefined) {
    throw new RouterError('ROUTER_NO_SPOOL', 'This configuration has no spool, so there is no queue.');
  }
  switch (request.kind) {
    case 'list':
      return { kind: 'list', recipients: await queue.list(request.filter, request.limit) };
    case 'change':
      return { kind: 'change', count: await queue.change(request.change, request.filter) };
    case 'trace': {
      const trace = await queue.trace(request.messageId);
      return { kind: 'trace', ...(trace !== undefined && { trace }) };
    }
  }
}
