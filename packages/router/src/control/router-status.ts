/** Reads the answer of `/v1/status`: another release of the router may have written it. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { RouterStatus } from './control-message.ts';

const fault = z.object({ at: z.number().exactOptional(), code: z.string(), message: z.string() });

const schema = z.object({
  version: z.string(),
  pid: z.int(),
  state: z.enum(['starting', 'serving', 'draining', 'stopped']),
  startedAt: z.number(),
  config: z.string(),
  listeners: z.array(z.string()),
  admin: z.string().exactOptional(),
  users: z.int(),
  plugins: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      pid: z.int().exactOptional(),
      since: z.number().exactOptional(),
      version: z.int().exactOptional(),
      protocol: z.string().exactOptional(),
      isMutualTls: z.boolean().exactOptional(),
      sha256: z.string().exactOptional(),
      starts: z.int(),
      callsInFlight: z.int(),
      missedDeadlines: z.int(),
      lastFailure: fault.exactOptional(),
      swaps: z
        .object({
          phase: z.string().exactOptional(),
          swapped: z.int(),
          failed: z.int(),
          swappedAt: z.number().exactOptional(),
          lastFailure: fault.exactOptional(),
        })
        .exactOptional(),
    }),
  ),
  downstreams: z.array(
    z.object({
      name: z.string(),
      addr: z.string(),
      state: z.string(),
      inFlight: z.int(),
      latencyMs: z.number().exactOptional(),
    }),
  ),
});

/** The status, or `ROUTER_CONTROL_FAILED`. */
export function parseRouterStatus(answer: unknown): RouterStatus {
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered is another release.');
}
