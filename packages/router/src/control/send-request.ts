/** Requests to `/v1/send` and `/v1/explain` on the wire: JSON with the message in base64. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { ExplainRequest, HandedInMail, SendRequest } from './control-message.ts';

/** Same bound as the default of `limits.recipients`. */
const MAX_RECIPIENTS = 1000;

const sendSchema = z.strictObject({
  user: z.string().min(1).max(320),
  from: z.string().max(512),
  to: z.array(z.string().min(1).max(512)).min(1).max(MAX_RECIPIENTS),
  content: z.base64(),
});

const explainSchema = z.strictObject({ ...sendSchema.shape, isAskedAnyway: z.boolean() });

/** The request, or `ROUTER_BAD_REQUEST` that says which key is wrong. */
export function parseSendRequest(body: Uint8Array, maxMessageBytes: number): SendRequest {
  return withContent(parsed(body, sendSchema), maxMessageBytes);
}

/** The same for `explain`. */
export function parseExplainRequest(body: Uint8Array, maxMessageBytes: number): ExplainRequest {
  return withContent(parsed(body, explainSchema), maxMessageBytes);
}

/** A request of either kind as it goes over the socket. */
export function formatMailRequest(request: HandedInMail): string {
  return JSON.stringify({ ...request, content: Buffer.from(request.content).toString('base64') });
}

function parsed<Schema extends z.ZodType>(body: Uint8Array, schema: Schema): z.output<Schema> {
  const checked = schema.safeParse(parseJson(body));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const key = issue?.path.join('.') ?? '';
  const reason = issue?.message ?? 'is not understood';
  throw new RouterError('ROUTER_BAD_REQUEST', `The request is wrong at "${key}": ${reason}.`);
}

function withContent<Encoded extends { readonly content: string }>(
  request: Encoded,
  maxMessageBytes: number,
): Omit<Encoded, 'content'> & { readonly content: Uint8Array } {
  const content = Buffer.from(request.content, 'base64');
  if (content.length <= maxMessageBytes) return { ...request, content };
  const message = `The message has ${content.length} bytes; limits.message_size allows ${maxMessageBytes}.`;
  throw new RouterError('ROUTER_BAD_MESSAGE_FILE', message);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new RouterError('ROUTER_BAD_REQUEST', 'The request is no JSON.');
  }
}
