/** Reads the answer of `/v1/send`. */
import type { SmtpPhase } from '@smtp-router/smtp/client';
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { Blame } from '../message/outcome.ts';
import type { SendResult } from './control-message.ts';

const reply = z.object({
  code: z.int(),
  enhancedCode: z.string().exactOptional(),
  lines: z.array(z.string()),
});

/** A word of a catalogue that may have grown since: it is shown, nothing is decided by it. */
const word = <Word extends string>() => z.custom<Word>((value) => typeof value === 'string');

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delivered'), downstreamId: z.string(), reply }),
  z.object({
    kind: z.enum(['deferred', 'failed', 'ambiguous']),
    downstreamId: z.string().exactOptional(),
    phase: word<SmtpPhase>(),
    blame: word<Blame>(),
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
      phase: word<SmtpPhase>(),
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
