import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '@smtp-router/go-plugin/errors';
import type { GobStructType } from '@smtp-router/go-plugin/gob';
import type { GrpcChannel } from '@smtp-router/go-plugin/host';
import fc from 'fast-check';
import { SelectorError } from '../../src/errors.ts';
import { openSelectorPlugin, type SelectorPluginOptions } from '../../src/host/index.ts';
import { requestFor } from '../../src/testing/index.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../src/wire/index.ts';
import { ProtobufCodec } from '../../src/wire/v2/protobuf.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const REQUEST = requestFor({
  from: 'jürgen@example.com',
  to: ['a@example.com', 'b@example.org'],
  downstreams: ['one', { id: 'two', cost: 0.5, hasCost: true, labels: { region: 'eu' } }],
  headers: { 'X-Tag': 'news', Subject: 'Hello' },
});
const CALL = { timeoutMs: 500 };
const SERVICE = '/smtp_router.selector.v2.Selector';

const codec = new ProtobufCodec();

const MESSAGES: Readonly<Record<string, { readonly request: GobStructType; readonly reply: GobStructType }>> =
  {
    [`${SERVICE}/Describe`]: { request: DESCRIBE_REQUEST_V2, reply: DESCRIBE_REPLY_V2 },
    [`${SERVICE}/Configure`]: { request: CONFIGURE_REQUEST_V2, reply: CONFIGURE_REPLY_V2 },
    [`${SERVICE}/Select`]: { request: SELECT_REQUEST_V2, reply: SELECT_REPLY_V2 },
  };

/** What it answers to a method: a message, or bytes as they are; an error is thrown. */
type Answers = Readonly<Partial<Record<'Describe' | 'Configure' | 'Select', unknown>>>;

/** Answers by method; what it was asked is kept, decoded. */
class FakeGrpcPlugin {
  readonly asked = new Map<string, unknown>();
  readonly connection: { readonly protocol: 'grpc'; dispense(): GrpcChannel };
  readonly appVersion: number;
  closed = 0;

  constructor(answers: Answers, appVersion = 2) {
    this.appVersion = appVersion;
    const byPath = new Map(
      Object.entries(answers).map(([method, answer]) => [`${SERVICE}/${method}`, answer]),
    );
    const channel: GrpcChannel = {
      pendingCalls: 0,
      unary: (path, request) => {
        const message = MESSAGES[path];
        assert.ok(message, path);
        const decoded = codec.decode(message.request, request);
        assert.equal(decoded.kind, 'message');
        if (decoded.kind === 'message') this.asked.set(path.slice(SERVICE.length + 1), decoded.value);
        const answer = byPath.get(path) ?? {};
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(answer instanceof Uint8Array ? answer : codec.encode(message.reply, answer));
      },
      close: () => {
        this.closed += 1;
      },
    };
    this.connection = { protocol: 'grpc', dispense: () => channel };
  }
}

function open(plugin: FakeGrpcPlugin, options: Partial<SelectorPluginOptions> = {}) {
  return openSelectorPlugin(plugin, { name: 'mine', tail: 'rest', dispenseTimeoutMs: 250, ...options });
}

function isFault(code: string, words: RegExp) {
  return (error: unknown): boolean =>
    error instanceof SelectorError && error.code === code && words.test(error.message);
}

const ROUTES = { Routes: [{ CandidateIds: ['two'] }] };

describe('An opened plugin of generation 2 over gRPC', () => {
  it('has described itself and was configured before it is asked all of the request', async () => {
    const plugin = new FakeGrpcPlugin({
      Describe: { Name: 'by tag', Version: '3', Headers: ['x-tag'] },
      Select: ROUTES,
    });
    const selector = await open(plugin, { settings: { json: '{"a":1}', locate: (path) => path } });
    assert.deepEqual(selector.description, { name: 'by tag', version: '3', headers: ['x-tag'] });
    assert.deepEqual(Object(plugin.asked.get('Configure')).ConfigJson, '{"a":1}');
    assert.deepEqual(await selector.select(REQUEST, CALL), {
      kind: 'route',
      routes: [{ recipientIds: [], candidateIds: ['two'] }],
      reason: 'plugin "mine" answered',
    });
    const headers = [{ name: 'X-Tag', value: 'news' }];
    assert.deepEqual(decodeSelectRequestV2(plugin.asked.get('Select')), {
      ...REQUEST,
      timeoutMs: CALL.timeoutMs,
      message: { ...REQUEST.message, headers },
    });
  });

  it('may split the recipients, and give a verdict', async () => {
    const Routes = [
      { RecipientIds: [0], CandidateIds: ['one', 'two'] },
      { RecipientIds: [1], CandidateIds: ['two'] },
    ];
    const split = await open(new FakeGrpcPlugin({ Select: { Routes, Reason: 'by domain' } }));
    assert.deepEqual(await split.select(REQUEST, CALL), {
      kind: 'route',
      routes: [
        { recipientIds: [0], candidateIds: ['one', 'two'] },
        { recipientIds: [1], candidateIds: ['two'] },
      ],
      reason: 'by domain',
    });
    const verdict = { Verdict: 1, Code: 451, Text: 'later', Reason: 'busy' };
    const defers = await open(new FakeGrpcPlugin({ Select: verdict }));
    assert.deepEqual(await defers.select(REQUEST, CALL), {
      kind: 'defer',
      code: 451,
      text: 'later',
      reason: 'busy',
    });
  });

  it('is at fault for bytes that are no reply, for none at all, and for too many', async () => {
    const answered = async (bytes: Uint8Array) =>
      (await open(new FakeGrpcPlugin({ Select: bytes }))).select(REQUEST, CALL);
    await assert.rejects(
      answered(Uint8Array.of(0x12, 0x7f)),
      isFault('SELECTOR_REPLY_SHAPE', /no SelectReply/),
    );
    await assert.rejects(answered(new Uint8Array(0)), isFault('SELECTOR_EMPTY_REPLY', /"mine"/));
    const long = new Uint8Array(1_000_001);
    await assert.rejects(answered(long), isFault('SELECTOR_REPLY_TOO_LONG', /1000000 bytes/));
    const emptyRoutes = new Uint8Array(1_000_000).map((_, index) => (index % 2 === 0 ? 0x12 : 0));
    await assert.rejects(answered(emptyRoutes), isFault('SELECTOR_REPLY_TOO_LONG', /25000 fields/));
  });

  it('is at fault for ids that are not of the request', async () => {
    const selector = await open(new FakeGrpcPlugin({ Select: { Routes: [{ CandidateIds: ['three'] }] } }));
    await assert.rejects(selector.select(REQUEST, CALL), isFault('SELECTOR_UNKNOWN_DOWNSTREAM', /three/));
  });

  it('is not opened when it refuses its configuration, and says where', async () => {
    const Problems = [{ Path: 'eu[0]', Message: 'no such downstream' }];
    const settings = { json: '{}', locate: (path: string) => `c.yaml:9:1 config.${path}` };
    await assert.rejects(
      open(new FakeGrpcPlugin({ Configure: { Problems } }), { settings }),
      isFault('SELECTOR_CONFIG_REFUSED', /c\.yaml:9:1 config\.eu\[0\]: no such downstream$/),
    );
  });

  it('is not asked about what is too long, as over net/rpc', async () => {
    const plugin = new FakeGrpcPlugin({ Select: ROUTES });
    const selector = await open(plugin);
    const to = Array.from({ length: 20_000 }, () => `${'a'.repeat(64)}@${'b'.repeat(190)}`);
    await assert.rejects(
      selector.select(requestFor({ to, downstreams: ['two'] }), CALL),
      isFault('SELECTOR_REQUEST_TOO_LONG', /20000 recipients/),
    );
    assert.equal(plugin.asked.has('Select'), false);
    await selector.select(requestFor({ to: to.slice(0, 1000), downstreams: ['two'] }), CALL);
    assert.equal(decodeSelectRequestV2(plugin.asked.get('Select')).envelope.recipients.length, 1000);
  });

  it('fails as its connection does', async () => {
    const lost = new PluginError('PLUGIN_CONNECTION_LOST', 'It is gone.');
    const selector = await open(new FakeGrpcPlugin({ Select: lost }));
    await assert.rejects(selector.select(REQUEST, CALL), (error) => error === lost);
    await assert.rejects(open(new FakeGrpcPlugin({ Describe: lost })), (error) => error === lost);
  });

  it('gets its reply or a SelectorError, whatever bytes it answers', async () => {
    const methods = fc.constantFrom('Describe' as const, 'Configure' as const, 'Select' as const);
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), methods, async (bytes, method) => {
      const plugin = new FakeGrpcPlugin({ Select: ROUTES, [method]: bytes });
      try {
        const reply = await (await open(plugin)).select(REQUEST, CALL);
        assert.ok(reply.kind !== 'route' || reply.routes.length > 0);
      } catch (error) {
        assert.ok(error instanceof SelectorError, String(error));
      }
    });
    await fc.assert(property, { numRuns: fuzzRuns() });
  });

  it('closes its channel', async () => {
    const plugin = new FakeGrpcPlugin({});
    (await open(plugin)).close();
    assert.equal(plugin.closed, 1);
  });
});

it('A plugin of generation 1 is not opened over gRPC, which it does not have', async () => {
  await assert.rejects(
    open(new FakeGrpcPlugin({}, 1)),
    (error) => error instanceof PluginError && error.code === 'PLUGIN_PROTOCOL_UNSUPPORTED',
  );
});
