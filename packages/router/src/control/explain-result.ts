/** Reads the answer of `/v1/explain`. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { ExplainResult } from './control-message.ts';

const reply = z.object({ code: z.int(), text: z.string() });

const schema = z.object({
  selection: z.object({
    selector: z.string(),
    decidedBy: z.enum(['selector', 'fallback']),
    faultCode: z.string().exactOptional(),
    reason: z.string(),
    routes: z.array(z.array(z.string())),
    durationMs: z.number(),
  }),
  verdict: z
    .object({ kind: z.enum(['defer', 'reject', 'hold']), code: z.int(), text: z.string() })
    .exactOptional(),
  routes: z.array(
    z.object({
      recipients: z.array(z.string()),
      candidates: z.array(
        z.object({
          downstream: z.string(),
          addr: z.string(),
          state: z.string(),
          passedOver: z.object({ code: z.string(), message: z.string() }).exactOptional(),
          rewritten: z
            .object({ mailFrom: z.string().exactOptional(), from: z.string().exactOptional() })
            .exactOptional(),
        }),
      ),
    }),
  ),
  isAnyoneAsked: z.boolean(),
  reply: reply.exactOptional(),
  refusal: reply.exactOptional(),
  request: z.unknown(),
});

/** The result, or `ROUTER_CONTROL_FAILED`. */
export function parseExplainResult(answer: unknown): ExplainResult {
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered is another release.');
}
