/** Requests of every shape the contract allows, for property tests. */
import fc from 'fast-check';
import type { DownstreamView, SelectHistoryEntry, SelectRequest } from '../../../src/contract/index.ts';

/** Records as literals make them. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true });
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const uint32 = fc.nat({ max: 0xffff_ffff });
const uint53 = fc.maxSafeNat();
const flag = fc.boolean();

const view: fc.Arbitrary<DownstreamView> = record({
  id: text,
  addr: text,
  user: text,
  weight: uint32,
  labels: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  // gob does not tell -0 from 0.
  cost: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  hasCost: flag,
  capabilities: record({
    known: flag,
    maxSizeBytes: uint53,
    has8bitMime: flag,
    hasSmtpUtf8: flag,
    hasDsn: flag,
    hasChunking: flag,
  }),
  state: fc.constantFrom('unspecified', 'up', 'probing', 'throttled', 'down', 'disabled'),
  latencyMs: uint32,
  hasLatency: flag,
  inFlight: uint32,
});

const historyEntry: fc.Arbitrary<SelectHistoryEntry> = record({
  downstreamId: text,
  recipientIds: fc.array(uint32, { maxLength: 3 }),
  startedAt: fc.maxSafeInteger(),
  durationMs: uint32,
  phase: text,
  code: uint32,
  enhancedCode: text,
  text,
  kind: text,
});

export const arbitraryRequest: fc.Arbitrary<SelectRequest> = record({
  contractVersion: fc.constant(2),
  requestId: text,
  dryRun: flag,
  timeoutMs: uint32,
  attempt: uint32,
  now: fc.maxSafeInteger(),
  seed: uint53,
  session: record({ listener: text, clientAddress: text, helo: text, isTls: flag, user: text }),
  envelope: record({
    mailFrom: text,
    mailParameters: fc.array(text, { maxLength: 3 }),
    recipients: fc.array(record({ id: uint32, address: text, domain: text }), { maxLength: 4 }),
  }),
  message: record({
    sizeBytes: uint53,
    messageId: text,
    subject: text,
    from: text,
    headers: fc.array(record({ name: text, value: text }), { maxLength: 4 }),
  }),
  downstreams: fc.array(view, { maxLength: 4 }),
  history: fc.array(historyEntry, { maxLength: 2 }),
});
