import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  CallOptions,
  GobArgument,
  GobReply,
  NetRpcPluginConnection,
  RpcChannel,
} from '@smtp-router/go-plugin/host';
import { requestWith, viewWith } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import { openSelectorPlugin, type SelectorPluginOptions } from '../../src/host/index.ts';
import { ADDRESS_V1, DOWNSTREAM_LIST_V1 } from '../../src/wire/index.ts';

const REQUEST = requestWith({
  downstreams: [viewWith({ id: 'one', addr: 'a:25', user: 'u' }), viewWith({ id: 'two', addr: 'b:25' })],
});
const CALL = { timeoutMs: 500 };

interface RecordedCall {
  readonly method: string;
  readonly argument: GobArgument;
  readonly options: CallOptions;
}

/** A plugin that answers every call alike and records what it was asked. */
class FakePlugin {
  readonly dispensed: { readonly name: string; readonly options: CallOptions }[] = [];
  readonly calls: RecordedCall[] = [];
  closed = 0;
  readonly appVersion = 1;
  readonly connection: Pick<NetRpcPluginConnection, 'protocol' | 'dispense'>;

  constructor(reply: GobReply | Error) {
    const channel: RpcChannel = {
      pendingCalls: 0,
      call: (method, argument, options) => {
        this.calls.push({ method, argument, options });
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
      },
      close: () => {
        this.closed += 1;
      },
    };
    this.connection = {
      protocol: 'netrpc',
      dispense: (name, options) => {
        this.dispensed.push({ name, options });
        return Promise.resolve(channel);
      },
    };
  }
}

function open(plugin: FakePlugin, options: Partial<SelectorPluginOptions> = {}) {
  return openSelectorPlugin(plugin, { name: 'mine', tail: 'rest', dispenseTimeoutMs: 250, ...options });
}

describe('An opened selector plugin', () => {
  it('is dispensed once under the key selector, within its time', async () => {
    const plugin = new FakePlugin({ type: ADDRESS_V1, value: 'b:25' });
    const selector = await open(plugin);
    await selector.select(REQUEST, CALL);
    await selector.select(REQUEST, CALL);
    assert.deepEqual(plugin.dispensed, [{ name: 'selector', options: { timeoutMs: 250 } }]);
    assert.equal(plugin.calls.length, 2);
  });

  it('asks Select with the list of downstreams, no password, and the deadline of the call', async () => {
    const plugin = new FakePlugin({ type: ADDRESS_V1, value: 'b:25' });
    await (await open(plugin)).select(REQUEST, CALL);
    const [call, ...others] = plugin.calls;
    assert.equal(others.length, 0);
    assert.equal(call?.method, 'Select');
    assert.equal(call?.options, CALL);
    assert.equal(call?.argument.type, DOWNSTREAM_LIST_V1);
    assert.deepEqual(call?.argument.value, [
      { Addr: 'a:25', User: 'u', Pass: '' },
      { Addr: 'b:25', User: '', Pass: '' },
    ]);
  });

  it('reads an address and a list by their received types', async () => {
    const address = await open(new FakePlugin({ type: ADDRESS_V1, value: 'b:25' }));
    const list = await open(
      new FakePlugin({ type: DOWNSTREAM_LIST_V1, value: [{ Addr: 'b:25', User: '', Pass: '' }] }),
    );
    const reason = 'plugin "mine" answered';
    assert.deepEqual(await address.select(REQUEST, CALL), {
      kind: 'route',
      routes: [{ recipientIds: [], candidateIds: ['two', 'one'] }],
      reason,
    });
    assert.deepEqual(await list.select(REQUEST, CALL), {
      kind: 'route',
      routes: [{ recipientIds: [], candidateIds: ['two'] }],
      reason,
    });
  });

  it('rejects an answer that is not in the list', async () => {
    const selector = await open(new FakePlugin({ type: ADDRESS_V1, value: 'c:25' }));
    await assert.rejects(
      selector.select(REQUEST, CALL),
      (error) => error instanceof SelectorError && error.code === 'SELECTOR_UNKNOWN_DOWNSTREAM',
    );
  });

  it('passes a failed call on as it is', async () => {
    const failure = new Error('gone');
    const selector = await open(new FakePlugin(failure));
    await assert.rejects(selector.select(REQUEST, CALL), (error) => error === failure);
  });

  it('sends a password only when it may look it up', async () => {
    const plugin = new FakePlugin({ type: ADDRESS_V1, value: 'b:25' });
    const selector = await open(plugin, { passwordOf: (id) => `pw-${id}` });
    await selector.select(REQUEST, CALL);
    assert.deepEqual(plugin.calls[0]?.argument.value, [
      { Addr: 'a:25', User: 'u', Pass: 'pw-one' },
      { Addr: 'b:25', User: '', Pass: 'pw-two' },
    ]);
  });

  it('closes its channel', async () => {
    const plugin = new FakePlugin({ type: ADDRESS_V1, value: 'b:25' });
    (await open(plugin)).close();
    assert.equal(plugin.closed, 1);
  });
});
