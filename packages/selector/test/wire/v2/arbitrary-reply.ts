/** Replies of every shape the contract allows, for property tests. */
import fc from 'fast-check';
import type { SelectReply } from '../../../src/contract/index.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
export const arbitraryReply: fc.Arbitrary<SelectReply> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('route' as const),
      routes: fc.array(
        fc.record(
          {
            recipientIds: fc.array(fc.nat({ max: 0xffff_ffff }), { maxLength: 3 }),
            candidateIds: fc.array(text, { maxLength: 3 }),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 3 },
      ),
      reason: text,
    },
    { noNullPrototype: true },
  ),
  fc.record(
    {
      kind: fc.constantFrom('defer' as const, 'reject' as const, 'hold' as const),
      code: fc.nat({ max: 999 }),
      text,
      reason: text,
    },
    { noNullPrototype: true },
  ),
);
