/** Reads the answer of `/v1/send`. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { SendResult } from './control-message.ts';

const reply = z.object({
  code: z.int(),
  enhancedCode: z.string().exactOptional(),
  lines: z.array(z.string()),
});

const phase = z.enum([
  'connect',
  'tls',
  'greeting',
  'ehlo',
  'starttls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'dot',
  'rset',
  'quit',
]);

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delivered'), downstreamId: z.string(), reply }),
  z.object({
    kind: z.enum(['deferred', 'failed', 'ambiguous']),
    downstreamId: z.string().exactOptional(),
    phase,
    blame: z.enum([
      'network',
      'downstream',
      'credentials',
      'throttle',
      'identity',
      'capability',
      'recipient',
      'content',
      'router',
    ]),
    reply: reply.exactOptional(),
    errorCode: z.string().exactOptional(),
    message: z.string(),
  }),
]);

const schema = z.object({
  messageId: z.string(),
  reply: z.object({ code: z.int(), text: z.string() }),
  selection: z
    .object({
      selector: z.string(),
      decidedBy: z.enum(['selector', 'fallback']),
      faultCode: z.string().exactOptional(),
      reason: z.string(),
      routes: z.array(z.array(z.string())),
      durationMs: z.number(),
    })
    .exactOptional(),
  attempts: z.array(
    z.object({
      downstreamId: z.string(),
      recipientIds: z.array(z.int()),
      startedAt: z.number(),
      durationMs: z.number(),
      phase,
      outcomes: z.array(outcome),
    }),
  ),
});

/** The result, or `ROUTER_CONTROL_FAILED`. */
export function parseSendResult(answer: unknown): SendResult {
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered is another release.');
}
