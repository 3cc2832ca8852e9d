import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { GOB_STRING } from '../../src/gob/schema.ts';
import { CallStream } from '../../src/transport/call-stream.ts';
import { MuxBroker } from '../../src/transport/mux-broker.ts';
import type { MuxStream } from '../../src/transport/mux-stream.ts';
import { ServeStream } from '../../src/transport/serve-stream.ts';
import { YamuxConnection } from '../../src/transport/yamux-connection.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { CALL, ECHO, socketPair } from './socket-pair.ts';

function failure(code: PluginErrorCode, words = /./): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code && words.test(error.message);
}

interface Side {
  readonly connection: YamuxConnection;
  readonly broker: MuxBroker;
}

/** Both ends of a connection with a broker each, on one clock. */
async function brokers(context: TestContext, clock: ManualClock): Promise<{ host: Side; plugin: Side }> {
  const sockets = await socketPair(context);
  const side = (role: 'host' | 'plugin'): Side => {
    const connection = new YamuxConnection(sockets[role], {
      role,
      clock,
      onStream: (stream) => broker.incoming(stream),
    });
    const broker = new MuxBroker(connection, 5000);
    context.after(() => connection.close());
    return { connection, broker };
  };
  return { host: side('host'), plugin: side('plugin') };
}

/** Lets both sockets carry what was written. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The first bytes a stream brings. */
function firstBytes(stream: MuxStream): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    stream.setOwner({ data: resolve, end: () => reject(new Error('ended')), closed: reject });
  });
}

describe('MuxBroker', () => {
  it('numbers from 1 on each side', async (context) => {
    const { host, plugin } = await brokers(context, new ManualClock());
    assert.deepEqual([host.broker.nextId(), host.broker.nextId(), plugin.broker.nextId()], [1, 2, 1]);
  });

  for (const [dialler, acceptor] of [
    ['host', 'plugin'],
    ['plugin', 'host'],
  ] as const) {
    it(`lets the ${dialler} dial what the ${acceptor} accepts, in whichever order they come`, async (context) => {
      const sides = await brokers(context, new ManualClock());
      const early = sides[acceptor].broker.accept(7);
      const dialled = await sides[dialler].broker.dial(7);
      dialled.write(new Uint8Array([1]));
      assert.deepEqual(await firstBytes(await early), Buffer.from([1]));

      const late = sides[dialler].broker.dial(8);
      await settle();
      const accepted = await sides[acceptor].broker.accept(8);
      accepted.write(new Uint8Array([2]));
      assert.deepEqual(await firstBytes(await late), Buffer.from([2]));
    });
  }

  it('keeps what came right behind the number for the next owner', async (context) => {
    const { host, plugin } = await brokers(context, new ManualClock());
    const accepted = plugin.broker.accept(0x01020304);
    const stream = host.connection.open();
    stream.write(new Uint8Array([4, 3, 2, 1, 9, 9]));
    assert.deepEqual(await firstBytes(await accepted), Buffer.from([9, 9]));
  });

  it('carries calls from the plugin to the host', async (context) => {
    const { host, plugin } = await brokers(context, new ManualClock());
    const id = host.broker.nextId();
    const serving = host.broker.accept(id).then(
      (stream) =>
        new ServeStream({
          stream,
          services: new Map([['Plugin', ECHO]]),
          gobLimits: {},
          maxPendingRequests: 10,
          onFailed: (error) => assert.fail(error),
        }),
    );
    const stream = await plugin.broker.dial(id);
    await serving;
    const calls = new CallStream({ connection: plugin.connection, stream, gobLimits: {} });
    const reply = await calls.call('Plugin.Echo', { type: GOB_STRING, value: 'back' }, CALL);
    assert.equal(reply.value, 'back');
  });

  it('gives up accepting, and resets what nobody accepted, after 5 s', async (context) => {
    const clock = new ManualClock();
    const { host, plugin } = await brokers(context, clock);
    const accepted = assert.rejects(plugin.broker.accept(1), failure('PLUGIN_BROKER_FAILED', /id 1/));
    const dialled = assert.rejects(host.broker.dial(2, 60_000), failure('YAMUX_STREAM_RESET'));
    await settle();
    await clock.advance(4999);
    assert.equal(plugin.connection.streamCount, 1);
    await clock.advance(1);
    await accepted;
    await dialled;
    assert.equal(plugin.connection.streamCount, 0);
  });

  it('gives up dialling when no answer comes', async (context) => {
    const clock = new ManualClock();
    const sockets = await socketPair(context);
    const connection = new YamuxConnection(sockets.host, { role: 'host', clock, onStream: () => undefined });
    context.after(() => connection.close());
    const broker = new MuxBroker(connection, 5000);
    const dialled = assert.rejects(broker.dial(1), failure('PLUGIN_BROKER_FAILED', /in time/));
    await settle();
    await clock.advance(5000);
    await dialled;
    assert.equal(connection.streamCount, 0);
  });

  it('refuses an answer with another number', async (context) => {
    const clock = new ManualClock();
    const sockets = await socketPair(context);
    const connection = new YamuxConnection(sockets.host, { role: 'host', clock, onStream: () => undefined });
    context.after(() => connection.close());
    const broker = new MuxBroker(connection, 5000);
    const dialled = assert.rejects(broker.dial(1), failure('PLUGIN_BROKER_FAILED', /id 1 by 2/));
    await settle();
    sockets.plugin.write(Buffer.from('00010002000000010000000000000000000000010000000402000000', 'hex'));
    await dialled;
  });

  it('resets a stream that ends without a number, and one whose number is waiting already', async (context) => {
    const { host, plugin } = await brokers(context, new ManualClock());
    host.connection.open().finish();
    const first = host.broker.dial(3);
    await assert.rejects(host.broker.dial(3), failure('YAMUX_STREAM_RESET'));
    await plugin.broker.accept(3);
    await first;
    assert.equal(plugin.connection.streamCount, 1);
  });

  it('rejects all that waits when the connection ends', async (context) => {
    const { host, plugin } = await brokers(context, new ManualClock());
    const waiting = [
      assert.rejects(host.broker.dial(1), failure('PLUGIN_CLOSED')),
      assert.rejects(host.broker.accept(2), failure('PLUGIN_CLOSED')),
      assert.rejects(plugin.broker.accept(3), failure('PLUGIN_CONNECTION_LOST')),
    ];
    await settle();
    host.connection.close();
    await Promise.all(waiting);
  });
});
