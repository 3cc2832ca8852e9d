import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SelectRequest } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import type { Answer } from '../../src/serve/answer.ts';
import { type ConfigureAnswer, createSelectorServiceV2 } from '../../src/serve/selector-service-v2.ts';
import { requestFor } from '../../src/testing/index.ts';
import { encodeSelectRequestV2 } from '../../src/wire/index.ts';

const REQUEST = requestFor({
  to: ['a@example.com'],
  downstreams: ['one', { id: 'two', addr: 'b:25' }, { id: 'off', state: 'disabled' }],
});
const ARGUMENT = encodeSelectRequestV2(REQUEST, { headers: [], timeoutMs: 2000 });

function serve(
  select: (request: SelectRequest) => Answer | Promise<Answer>,
  configure?: (config: unknown) => ConfigureAnswer,
) {
  const description = { name: 'mine', version: '1', headers: ['X-Tag'] };
  return createSelectorServiceV2({ description, select, ...(configure !== undefined && { configure }) });
}

describe('The service of generation 2', () => {
  it('hands over the request of the host', async () => {
    let seen: SelectRequest | undefined;
    await serve((request) => {
      seen = request;
      return 'one';
    }).Select.handle(ARGUMENT);
    assert.deepEqual(seen, REQUEST);
  });

  it('describes the plugin', async () => {
    assert.deepEqual(await serve(() => 'one').Describe.handle({}), {
      ContractVersion: 2,
      Name: 'mine',
      Version: '1',
      Headers: ['X-Tag'],
    });
  });

  const answers: readonly (readonly [string, Answer, readonly string[]])[] = [
    ['an id, followed by the rest', 'two', ['two', 'one']],
    ['an address, followed by the rest', 'b:25', ['two', 'one']],
    ['a view, followed by the rest', { id: 'two' }, ['two', 'one']],
    ['a list, taken as it is', ['two'], ['two']],
    [
      'a complete reply',
      { kind: 'route', routes: [{ recipientIds: [0], candidateIds: ['one'] }], reason: '' },
      ['one'],
    ],
  ];
  for (const [what, answer, candidates] of answers) {
    it(`takes ${what}`, async () => {
      const reply = await serve(() => answer).Select.handle(ARGUMENT);
      const { Routes } = reply as {
        readonly Routes: readonly { readonly CandidateIds: readonly string[] }[];
      };
      assert.deepEqual(
        Routes.map(({ CandidateIds }) => CandidateIds),
        [candidates],
      );
    });
  }

  it('carries a verdict', async () => {
    const service = serve(() => ({ kind: 'hold', code: 0, text: '', reason: 'look at it' }));
    assert.deepEqual(await service.Select.handle(ARGUMENT), {
      ContractVersion: 2,
      Verdict: 3,
      Code: 0,
      Text: '',
      Reason: 'look at it',
    });
  });

  it('parses the configuration, and answers what is wrong with it', async () => {
    const seen: unknown[] = [];
    const { Configure } = serve(
      () => 'one',
      (config) => {
        seen.push(config);
        return [{ path: 'a', message: 'is odd' }];
      },
    );
    const reply = await Configure.handle({ Selector: 'mine', ConfigJson: '{"a":[1]}' });
    await Configure.handle({ Selector: 'mine' });
    assert.deepEqual(seen, [{ a: [1] }, undefined]);
    assert.deepEqual(reply, { ContractVersion: 2, Problems: [{ Path: 'a', Message: 'is odd' }] });
  });

  it('finds nothing wrong when the author configures nothing', async () => {
    assert.deepEqual(await serve(() => 'one').Configure.handle({ ConfigJson: '1' }), {
      ContractVersion: 2,
      Problems: [],
    });
  });

  it('refuses a configuration that is no JSON, and a question of another shape', async () => {
    const { Configure, Select } = serve(() => 'one');
    const isShape = (error: unknown): boolean =>
      error instanceof SelectorError && error.code === 'SELECTOR_REQUEST_SHAPE';
    await assert.rejects(Configure.handle({ ConfigJson: '{' }), isShape);
    await assert.rejects(Select.handle('one'), isShape);
  });

  it('refuses an unknown downstream', async () => {
    await assert.rejects(serve(() => 'three').Select.handle(ARGUMENT), /three/);
  });
});
