/** The request to `/v1/send` on the wire: JSON with the message in base64. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { SendRequest } from './control-message.ts';

/** Same bound as the default of `limits.recipients`. */
const MAX_RECIPIENTS = 1000;

const schema = z.strictObject({
  user: z.string().min(1).max(320),
  from: z.string().max(512),
  to: z.array(z.string().min(1).max(512)).min(1).max(MAX_RECIPIENTS),
  content: z.base64(),
});

/** The request, or `ROUTER_BAD_REQUEST` that says which key is wrong. */
export function parseSendRequest(body: Uint8Array, maxMessageBytes: number): SendRequest {
  const checked = schema.safeParse(parseJson(body));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const key = issue?.path.join('.') ?? '';
    const reason = issue?.message ?? 'is not understood';
    throw new RouterError('ROUTER_BAD_REQUEST', `The request to send is wrong at "${key}": ${reason}.`);
  }
  const content = Buffer.from(checked.data.content, 'base64');
  if (content.length > maxMessageBytes) {
    const message = `The message has ${content.length} bytes; limits.message_size allows ${maxMessageBytes}.`;
    throw new RouterError('ROUTER_BAD_MESSAGE_FILE', message);
  }
  return { ...checked.data, content };
}

/** The same request as it goes over the socket. */
export function formatSendRequest(request: SendRequest): string {
  return JSON.stringify({ ...request, content: Buffer.from(request.content).toString('base64') });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new RouterError('ROUTER_BAD_REQUEST', 'The request to send is no JSON.');
  }
}
