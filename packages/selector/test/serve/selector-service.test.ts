import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SelectRequest } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import type { Answer } from '../../src/serve/answer.ts';
import { createSelectorService, type V1ReplyShape } from '../../src/serve/selector-service.ts';
import { ADDRESS_V1, DOWNSTREAM_LIST_V1 } from '../../src/wire/index.ts';

const A = { Addr: 'a:25', User: 'u', Pass: 'pw' };
const B = { Addr: 'b:25', User: '', Pass: '' };

function serve(
  select: (request: SelectRequest) => Answer | Promise<Answer>,
  v1Reply: V1ReplyShape = 'address',
) {
  return createSelectorService({ select, v1Reply, now: () => 1234, random: () => 7 }).Select;
}

describe('The service of generation 1', () => {
  it('hands over the downstreams as a request without secrets', async () => {
    const seen: SelectRequest[] = [];
    const method = serve((request) => {
      seen.push(request);
      return 'a:25';
    });
    await method.handle([A, B]);
    await method.handle([A, B]);
    const [first, second] = seen;
    assert.equal(first?.contractVersion, 1);
    assert.equal(first?.now, 1234);
    assert.equal(first?.seed, 7);
    assert.notEqual(first?.requestId, second?.requestId);
    assert.deepEqual(
      first?.downstreams.map((view) => view.addr),
      ['a:25', 'b:25'],
    );
    assert.ok(!JSON.stringify(first).includes('pw'));
  });

  it('names the gob type of the shape it serves', () => {
    assert.equal(serve(() => 'a:25').reply, ADDRESS_V1);
    assert.equal(serve(() => 'a:25', 'list').reply, DOWNSTREAM_LIST_V1);
  });

  const answers: readonly (readonly [
    string,
    (request: SelectRequest) => Answer,
    string,
    readonly unknown[],
  ])[] = [
    ['an address', () => 'b:25', 'b:25', [B]],
    ['a view', ({ downstreams }) => downstreams[1] ?? '', 'b:25', [B]],
    ['an order of addresses', () => ['b:25', 'a:25'], 'b:25', [B, A]],
    ['an order of views', ({ downstreams }) => downstreams.toReversed(), 'b:25', [B, A]],
    [
      'a complete reply',
      () => ({ kind: 'route', routes: [{ recipientIds: [], candidateIds: ['b:25'] }], reason: 'r' }),
      'b:25',
      [B],
    ],
  ];
  for (const [what, select, address, list] of answers) {
    it(`encodes ${what} in both shapes, entries of a list just as they came`, async () => {
      assert.equal(await serve(select).handle([A, B]), address);
      assert.deepEqual(await serve(select, 'list').handle([A, B]), list);
    });
  }

  it('answers an id where two accounts share an address', async () => {
    const other = { Addr: 'a:25', User: 'v', Pass: '' };
    assert.deepEqual(await serve(() => 'v@a:25', 'list').handle([A, other]), [other]);
  });

  it('waits for a promise', async () => {
    assert.equal(await serve(() => Promise.resolve('a:25')).handle([A]), 'a:25');
  });

  it('passes on what select throws', async () => {
    const method = serve(() => {
      throw new Error('database is away');
    });
    await assert.rejects(method.handle([A]), /database is away/);
  });

  const faults: readonly (readonly [string, Answer, string])[] = [
    ['an unknown address', 'c:25', 'SELECTOR_UNKNOWN_DOWNSTREAM'],
    ['an empty order', [], 'SELECTOR_EMPTY_REPLY'],
    ['a verdict', { kind: 'defer', code: 0, text: 'later', reason: '' }, 'SELECTOR_VERDICT_UNSUPPORTED'],
  ];
  for (const [what, answer, code] of faults) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        serve(() => answer).handle([A]),
        (error) => error instanceof SelectorError && error.code === code,
      );
    });
  }

  it('refuses an argument that is no list of downstreams', async () => {
    await assert.rejects(serve(() => 'a:25').handle('a:25'), TypeError);
  });
});
