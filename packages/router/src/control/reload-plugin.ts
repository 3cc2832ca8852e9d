/** A request to `/v1/plugin/reload` and its answer, on the wire. */
import { z } from 'zod';
import { RouterError } from '../errors.ts';
import type { ReloadResult } from './control-message.ts';

const requestSchema = z.strictObject({ name: z.string().min(1).max(4096) });

const resultSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('swapped'),
    plugin: z.string(),
    pid: z.int(),
    from: z.int().exactOptional(),
    sha256: z.string().exactOptional(),
    durationMs: z.number(),
  }),
  z.object({ kind: z.literal('failed'), plugin: z.string(), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('unknown'), known: z.array(z.string()) }),
]);

/** The name of the plugin, or `ROUTER_BAD_REQUEST`. */
export function parseReloadRequest(body: Uint8Array): string {
  try {
    return requestSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))).name;
  } catch (cause) {
    const message = 'The request to reload a plugin is not {"name": …}.';
    throw new RouterError('ROUTER_BAD_REQUEST', message, { cause });
  }
}

/** The same request as it goes over the socket. */
export function formatReloadRequest(name: string): string {
  return JSON.stringify({ name });
}

/** The result, or `ROUTER_CONTROL_FAILED`: another release of the router may have answered. */
export function parseReloadResult(answer: unknown): ReloadResult {
  const checked = resultSchema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new RouterError('ROUTER_CONTROL_FAILED', 'The router that answered is another release.');
}
