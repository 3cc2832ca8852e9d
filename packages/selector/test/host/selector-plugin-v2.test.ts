import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GOB_EMPTY_STRUCT,
  GOB_INT,
  GOB_STRING,
  GOB_UINT,
  type GobType,
  gobSlice,
  gobStruct,
} from '@smtp-router/go-plugin/gob';
import type { GobArgument, GobReply, NetRpcPluginConnection, RpcChannel } from '@smtp-router/go-plugin/host';
import fc from 'fast-check';
import { SelectorError } from '../../src/errors.ts';
import { openSelectorPlugin, type SelectorPluginOptions } from '../../src/host/index.ts';
import { requestFor } from '../../src/testing/index.ts';
import {
  CONFIGURE_REPLY_V2,
  DESCRIBE_REPLY_V2,
  decodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../src/wire/index.ts';
import { fuzzRuns } from '../fuzz-runs.ts';
import { fromGob, gobBytes } from '../wire/v2/gob-trip.ts';

const REQUEST = requestFor({
  to: ['a@example.com', 'b@example.org'],
  downstreams: ['one', 'two'],
  headers: { 'X-Tag': 'news', Subject: 'Hello' },
});
const CALL = { timeoutMs: 500 };
const ROUTE = gobStruct('Route', { CandidateIds: gobSlice(GOB_STRING) });

/** Answers by method; what it was asked is kept. */
class FakePlugin {
  readonly appVersion = 2;
  readonly asked = new Map<string, unknown>();
  readonly connection: Pick<NetRpcPluginConnection, 'protocol' | 'dispense'>;
  closed = 0;

  constructor(
    answers: Readonly<Record<string, unknown>>,
    otherTypes: Readonly<Record<string, GobReply['type']>> = {},
  ) {
    const types: Readonly<Record<string, GobReply['type']>> = {
      Describe: DESCRIBE_REPLY_V2,
      Configure: CONFIGURE_REPLY_V2,
      Select: SELECT_REPLY_V2,
      ...otherTypes,
    };
    const channel: RpcChannel = {
      pendingCalls: 0,
      call: (method: string, argument: GobArgument) => {
        this.asked.set(method, argument.value);
        return Promise.resolve({ type: types[method] ?? GOB_STRING, value: answers[method] ?? {} });
      },
      close: () => {
        this.closed += 1;
      },
    };
    this.connection = {
      protocol: 'netrpc',
      dispense: () => Promise.resolve(channel),
    };
  }
}

function open(plugin: FakePlugin, options: Partial<SelectorPluginOptions> = {}) {
  return openSelectorPlugin(plugin, { name: 'mine', tail: 'rest', dispenseTimeoutMs: 250, ...options });
}

function isFault(code: string, words: RegExp) {
  return (error: unknown): boolean =>
    error instanceof SelectorError && error.code === code && words.test(error.message);
}

const ROUTES = { Routes: [{ CandidateIds: ['two'] }] };

describe('An opened plugin of generation 2', () => {
  it('has described itself and was configured before it is asked', async () => {
    const plugin = new FakePlugin({ Describe: { Name: 'by tag', Version: '3' }, Select: ROUTES });
    const selector = await open(plugin, { settings: { json: '{"a":1}', locate: (path) => path } });
    assert.deepEqual(
      [selector.generation, selector.description],
      [2, { name: 'by tag', version: '3', headers: [] }],
    );
    assert.deepEqual(plugin.asked.get('Describe'), { ContractVersion: 2 });
    assert.deepEqual(plugin.asked.get('Configure'), {
      ContractVersion: 2,
      Selector: 'mine',
      ConfigJson: '{"a":1}',
    });
    assert.deepEqual(await selector.select(REQUEST, CALL), {
      kind: 'route',
      routes: [{ recipientIds: [], candidateIds: ['two'] }],
      reason: 'plugin "mine" answered',
    });
  });

  for (const [wanted, sent] of [
    [[], []],
    [['x-TAG'], ['X-Tag']],
    [['*'], ['X-Tag', 'Subject']],
  ]) {
    it(`is sent the header fields it asked for: ${JSON.stringify(wanted)}`, async () => {
      const plugin = new FakePlugin({ Describe: { Headers: wanted }, Select: ROUTES });
      await (await open(plugin)).select(REQUEST, CALL);
      const { message } = decodeSelectRequestV2(plugin.asked.get('Select'));
      assert.deepEqual(
        message.headers.map(({ name }) => name),
        sent,
      );
    });
  }

  it('is told the time it really has', async () => {
    const plugin = new FakePlugin({ Select: ROUTES });
    const selector = await open(plugin);
    const told = async (timeoutMs: number): Promise<number> => {
      await selector.select({ ...REQUEST, timeoutMs }, CALL);
      return decodeSelectRequestV2(plugin.asked.get('Select')).timeoutMs;
    };
    assert.deepEqual([await told(0), await told(100), await told(9000)], [500, 100, 500]);
  });

  it('may split the recipients and say why', async () => {
    const Routes = [
      { RecipientIds: [0], CandidateIds: ['one', 'two'] },
      { RecipientIds: [1], CandidateIds: ['two'] },
    ];
    const selector = await open(new FakePlugin({ Select: { Routes, Reason: 'by domain' } }));
    assert.deepEqual(await selector.select(REQUEST, CALL), {
      kind: 'route',
      routes: [
        { recipientIds: [0], candidateIds: ['one', 'two'] },
        { recipientIds: [1], candidateIds: ['two'] },
      ],
      reason: 'by domain',
    });
  });

  it('may give a verdict', async () => {
    const answer = { Verdict: 2, Code: 554, Text: 'not today', Reason: 'blocked' };
    const selector = await open(new FakePlugin({ Select: answer }));
    assert.deepEqual(await selector.select(REQUEST, CALL), {
      kind: 'reject',
      code: 554,
      text: 'not today',
      reason: 'blocked',
    });
  });

  it('is at fault for ids that are not of the request', async () => {
    const selector = await open(new FakePlugin({ Select: { Routes: [{ CandidateIds: ['three'] }] } }));
    await assert.rejects(selector.select(REQUEST, CALL), isFault('SELECTOR_UNKNOWN_DOWNSTREAM', /three/));
  });

  it('is at fault for an answer of another shape', async () => {
    const other = gobStruct('Other', { Routes: GOB_STRING });
    for (const [type, value] of [
      [GOB_STRING, 'two'],
      [other, { Routes: 'two' }],
    ] as const) {
      const selector = await open(new FakePlugin({ Select: value }, { Select: type }));
      await assert.rejects(selector.select(REQUEST, CALL), isFault('SELECTOR_REPLY_SHAPE', /SelectReply/));
    }
  });

  it('chose nothing when it answers an empty struct', async () => {
    const selector = await open(new FakePlugin({}, { Select: GOB_EMPTY_STRUCT }));
    await assert.rejects(selector.select(REQUEST, CALL), isFault('SELECTOR_EMPTY_REPLY', /"mine"/));
  });

  it('is not opened when it refuses its configuration, and says where', async () => {
    const Problems = [
      { Path: 'eu[0]', Message: 'no such downstream' },
      { Path: '', Message: 'has no default' },
    ];
    const settings = { json: '{}', locate: (path: string) => `c.yaml:9:1 config.${path}` };
    await assert.rejects(
      open(new FakePlugin({ Configure: { Problems } }), { settings }),
      isFault(
        'SELECTOR_CONFIG_REFUSED',
        /^it refuses its config: c\.yaml:9:1 config\.eu\[0\]: no such downstream; c\.yaml:9:1 config\.: has no default$/,
      ),
    );
  });

  it('is not asked about what is too long for its decoder, and is about everything shorter', async () => {
    const plugin = new FakePlugin({ Describe: { Headers: ['*'] }, Select: ROUTES });
    const selector = await open(plugin);
    const to = (count: number, address: string) =>
      requestFor({ to: Array.from({ length: count }, () => address), downstreams: ['two'] });
    const long = `${'a'.repeat(64)}@${'b'.repeat(190)}`;
    await assert.rejects(
      selector.select(to(20_000, long), CALL),
      isFault('SELECTOR_REQUEST_TOO_LONG', /20000 recipients/),
    );
    const header = requestFor({ downstreams: ['two'], headers: { 'x-long': 'ü'.repeat(500_000) } });
    await assert.rejects(selector.select(header, CALL), isFault('SELECTOR_REQUEST_TOO_LONG', /0 recipients/));
    assert.equal(plugin.asked.has('Select'), false);
    for (const request of [to(1000, long), to(10_000, 'a@example.com')]) {
      await selector.select(request, CALL);
      const bytes = gobBytes(SELECT_REQUEST_V2, plugin.asked.get('Select'));
      const read = decodeSelectRequestV2(fromGob(bytes, SELECT_REQUEST_V2));
      assert.deepEqual(read.envelope, request.envelope);
    }
  });

  it('gets its reply or a SelectorError, whatever it answers', async () => {
    const kinds: readonly (readonly [GobType, fc.Arbitrary<unknown>])[] = [
      [GOB_STRING, fc.string()],
      [GOB_INT, fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))],
      [GOB_UINT, fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))],
      [gobSlice(GOB_STRING), fc.array(fc.string())],
      [gobSlice(ROUTE), fc.array(fc.record({ CandidateIds: fc.array(fc.constantFrom('one', 'two', 'x')) }))],
    ];
    const names = ['Routes', 'Verdict', 'Code', 'Text', 'Reason', 'Headers', 'Problems', 'Name'];
    const field = fc
      .constantFrom(...kinds)
      .chain(([type, values]) => values.map((value) => ({ type, value })));
    const replies = fc.dictionary(fc.constantFrom(...names), field).map((fields) => ({
      type: gobStruct(
        'Any',
        Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type])),
      ),
      value: Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])),
    }));
    await fc.assert(
      fc.asyncProperty(
        replies,
        fc.constantFrom('Describe', 'Configure', 'Select'),
        async ({ type, value }, method) => {
          const plugin = new FakePlugin({ Select: ROUTES, [method]: value }, { [method]: type });
          try {
            const reply = await (await open(plugin)).select(REQUEST, CALL);
            assert.ok(reply.kind !== 'route' || reply.routes.length > 0);
          } catch (error) {
            assert.ok(error instanceof SelectorError, String(error));
          }
        },
      ),
      { numRuns: fuzzRuns() },
    );
  });

  it('closes its channel', async () => {
    const plugin = new FakePlugin({});
    (await open(plugin)).close();
    assert.equal(plugin.closed, 1);
  });
});

it('A plugin of generation 1 is not opened with a configuration it could not see', async () => {
  const plugin = { ...new FakePlugin({}), appVersion: 1 };
  const settings = { json: '{}', locate: () => 'c.yaml:9:1' };
  await assert.rejects(
    openSelectorPlugin(plugin, { name: 'mine', tail: 'rest', dispenseTimeoutMs: 250, settings }),
    isFault('SELECTOR_CONFIG_UNSUPPORTED', /^c\.yaml:9:1: plugin "mine"/),
  );
});
