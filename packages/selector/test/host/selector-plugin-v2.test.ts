import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GOB_EMPTY_STRUCT, GOB_STRING, gobStruct } from '@smtp-router/go-plugin/gob';
import type { CallOptions, GobArgument, GobReply, RpcChannel } from '@smtp-router/go-plugin/host';
import { SelectorError } from '../../src/errors.ts';
import { openSelectorPlugin, type SelectorPluginOptions } from '../../src/host/index.ts';
import { requestFor } from '../../src/testing/index.ts';
import {
  CONFIGURE_REPLY_V2,
  DESCRIBE_REPLY_V2,
  decodeSelectRequestV2,
  SELECT_REPLY_V2,
} from '../../src/wire/index.ts';

const REQUEST = requestFor({
  to: ['a@example.com', 'b@example.org'],
  downstreams: ['one', 'two'],
  headers: { 'X-Tag': 'news', Subject: 'Hello' },
});
const CALL = { timeoutMs: 500 };

/** Answers by method; what it was asked is kept. */
class FakePlugin {
  readonly appVersion = 2;
  readonly asked = new Map<string, unknown>();
  readonly connection: { dispense(name: string, options: CallOptions): Promise<RpcChannel> };
  closed = 0;

  constructor(answers: Readonly<Record<string, unknown>>, selectType: GobReply['type'] = SELECT_REPLY_V2) {
    const types: Readonly<Record<string, GobReply['type']>> = {
      Describe: DESCRIBE_REPLY_V2,
      Configure: CONFIGURE_REPLY_V2,
      Select: selectType,
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
    this.connection = { dispense: () => Promise.resolve(channel) };
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
      const selector = await open(new FakePlugin({ Select: value }, type));
      await assert.rejects(selector.select(REQUEST, CALL), isFault('SELECTOR_REPLY_SHAPE', /SelectReply/));
    }
  });

  it('chose nothing when it answers an empty struct', async () => {
    const selector = await open(new FakePlugin({}, GOB_EMPTY_STRUCT));
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
