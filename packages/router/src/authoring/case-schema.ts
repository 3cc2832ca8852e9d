/** Files of cases: messages, and what a selector is expected to decide about them. YAML, snake_case. */
import { z } from 'zod';

const text = z.string().max(10_000);
const name = z.string().min(1).max(320);
const whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

const downstream = z.strictObject({
  name: name.describe('what replies name; its name in the configuration'),
  addr: text.optional().describe('`host:port`; default the name'),
  state: z.enum(['up', 'probing', 'throttled', 'down', 'disabled']).optional().describe('default up'),
  user: text.optional(),
  weight: whole.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  cost: z.number().optional(),
  latency_ms: whole.optional(),
  in_flight: whole.optional(),
});

const attempt = z.strictObject({
  downstream: name,
  kind: z.enum(['delivered', 'deferred', 'failed', 'ambiguous']),
  to: z.array(name).optional().describe('recipients it was about; default all'),
  phase: text.optional(),
  code: z.int().min(0).max(599).optional(),
  enhanced_code: text.optional(),
  text: text.optional(),
  started_at: z.iso.datetime().optional(),
  duration_ms: whole.optional(),
});

const route = z.strictObject({
  to: z.array(name).min(1).describe('recipients of the route'),
  by: z.array(name).min(1).describe('downstreams in the order to try them'),
});

const expectation = z.strictObject({
  routes: z
    .union([z.array(name).min(1), z.array(route).min(1)])
    .optional()
    .describe('downstreams in order for all recipients; or several routes'),
  first: name.optional().describe('the first choice for all recipients, whatever follows'),
  verdict: z.enum(['defer', 'reject', 'hold']).optional(),
  code: z.int().min(400).max(599).optional().describe('of the verdict'),
  text: text.optional().describe('what the text of the verdict contains'),
  reason: text.optional().describe('what the reason contains'),
  fault: text.optional().describe('the selector fails, and this is in the message or is its code'),
});

const oneCase = z.strictObject({
  name: name.describe('what it is about'),
  user: text.optional(),
  from: text.optional().describe('envelope sender; default the null reverse-path'),
  to: z.array(name).optional().describe('envelope recipients'),
  headers: z.record(z.string(), z.string()).optional(),
  size: whole.optional().describe('bytes of the message'),
  downstreams: z
    .array(z.union([name, downstream]))
    .optional()
    .describe('default: those of the file'),
  history: z.array(attempt).optional().describe('earlier attempts, oldest first'),
  attempt: whole.optional().describe('default 1, or one more than history has'),
  now: z.iso.datetime().optional().describe('default the present'),
  seed: whole.optional().describe('default 0'),
  dry_run: z.boolean().optional().describe('default false: a selector with turns takes one with each case'),
  expect: expectation,
});

/** A whole file. The cases of one are put to one process, in order. */
export const caseFileSchema = z.strictObject({
  config: z.unknown().optional().describe("the selector's own config"),
  downstreams: z
    .array(z.union([name, downstream]))
    .optional()
    .describe('for cases that name none'),
  cases: z.array(oneCase).min(1),
});

export type CaseFileDocument = z.output<typeof caseFileSchema>;
export type CaseDocument = CaseFileDocument['cases'][number];
export type DownstreamDocument = z.output<typeof downstream>;
export type AttemptDocument = z.output<typeof attempt>;
export type Expectation = z.output<typeof expectation>;
