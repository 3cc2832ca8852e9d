import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { GOB_BYTES, GOB_INT, GOB_STRING, GOB_UINT } from '../../src/gob/schema.ts';
import { connectNetRpc } from '../../src/transport/net-rpc-host.ts';
import type { CallOptions, GobReply, RpcChannel } from '../../src/transport/plugin-connection.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { CALL, connected, ECHO, IGNORE_OUTPUT, SILENT, socketPair, text, waitTurns } from './socket-pair.ts';

function failure(code: PluginErrorCode, words = /./): (error: unknown) => boolean {
  return (error) => error instanceof PluginError && error.code === code && words.test(error.message);
}

function echo(channel: RpcChannel, value: string, options: CallOptions = CALL): Promise<GobReply> {
  return channel.call('Echo', text(value), options);
}

/** A function that yields pieces once, and says whether it was returned. */
function source(...pieces: readonly Uint8Array[]): AsyncIterable<Uint8Array> & { isReturned: boolean } {
  const waiting = [...pieces];
  const subject = {
    isReturned: false,
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = waiting.shift();
        return value === undefined
          ? { done: true as const, value: undefined }
          : { done: false as const, value };
      },
      return: async () => {
        subject.isReturned = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return subject;
}

describe('a net/rpc connection', () => {
  it('answers pings, dispenses and calls', async (context) => {
    const { host } = await connected(context);
    await host.ping(CALL);
    const channel = await host.dispense('echo', CALL);
    assert.equal((await echo(channel, 'hello')).value, 'hello');
    assert.equal(channel.pendingCalls, 0);
  });

  it('refuses to dispense an unknown plugin, in Go’s words, and stays usable', async (context) => {
    const { host } = await connected(context);
    await assert.rejects(
      host.dispense('nothing', CALL),
      failure('PLUGIN_CALL_FAILED', /unknown plugin type: nothing/),
    );
    await host.dispense('echo', CALL);
  });

  it('dispenses independent plugins, each with a service of its own', async (context) => {
    let made = 0;
    const dispense = () => {
      made += 1;
      const which = `service ${made}`;
      return { Which: { argument: GOB_STRING, reply: GOB_STRING, handle: () => which } };
    };
    const { host } = await connected(context, { plugin: { dispense } });
    const [first, second] = await Promise.all([host.dispense('a', CALL), host.dispense('b', CALL)]);
    const answers = [];
    for (const channel of [first, second, first]) {
      answers.push((await channel.call('Which', text(''), CALL)).value);
    }
    assert.deepEqual(answers, ['service 1', 'service 2', 'service 1']);
    first.close();
    await assert.rejects(first.call('Which', text(''), CALL), failure('PLUGIN_CLOSED'));
    assert.equal((await second.call('Which', text(''), CALL)).value, 'service 2');
  });

  it('lets either side serve the other by a number, once', async (context) => {
    let called: Promise<unknown> = Promise.reject(new Error('not called'));
    called.catch(() => undefined);
    const { host } = await connected(context, {
      plugin: {
        dispense: (_name, broker) => ({
          CallBack: {
            argument: GOB_UINT,
            reply: GOB_STRING,
            handle: async (id) => {
              const channel = await broker.dial(Number(id), CALL);
              called = channel.call('Echo', text('to the host'), CALL);
              return (await channel.call('Echo', text('back'), CALL)).value;
            },
          },
          Offer: { argument: GOB_UINT, reply: GOB_UINT, handle: () => broker.serve(ECHO) },
        }),
      },
    });
    const channel = await host.dispense('any', CALL);
    const id = host.broker.serve(ECHO);
    const answer = await channel.call('CallBack', { type: GOB_UINT, value: id }, CALL);
    assert.equal(answer.value, 'back');
    assert.deepEqual(await called, { type: GOB_STRING, value: 'to the host' });
    const offered = await channel.call('Offer', { type: GOB_UINT, value: 0 }, CALL);
    const other = await host.broker.dial(Number(offered.value), CALL);
    assert.equal((await other.call('Echo', text('offered'), CALL)).value, 'offered');
    await assert.rejects(
      host.broker.dial(Number(offered.value), { timeoutMs: 50 }),
      (error) => error instanceof PluginError && error.code === 'PLUGIN_BROKER_FAILED',
    );
  });

  it('says what the plugin’s method said when it failed, and goes on', async (context) => {
    const { host } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    await assert.rejects(
      channel.call('Fail', text('do\r\nthat'), CALL),
      failure('PLUGIN_CALL_FAILED', /^Plugin.Fail failed in the plugin: cannot do that$/),
    );
    await assert.rejects(
      channel.call('Missing', text(''), CALL),
      failure('PLUGIN_CALL_FAILED', /rpc: can't find method Plugin\.Missing/),
    );
    assert.equal((await echo(channel, 'still here')).value, 'still here');
  });

  it('rejects an argument that does not fit its type, and goes on', async (context) => {
    const { host } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    await assert.rejects(
      channel.call('Echo', { type: GOB_STRING, value: 1 }, CALL),
      failure('GOB_UNENCODABLE'),
    );
    assert.equal((await echo(channel, 'fine')).value, 'fine');
  });

  it('matches replies that come in another order than their calls', async (context) => {
    const { host } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const order: unknown[] = [];
    const calls = [5, 0, 3, 1].map(async (turns) => {
      const { value } = await channel.call('Wait', { type: GOB_INT, value: turns }, CALL);
      order.push(value);
      assert.equal(value, turns);
    });
    await Promise.all(calls);
    assert.deepEqual(order, [0, 1, 3, 5]);
  });

  it('answers 10 000 calls of one turn, through a window that holds a fraction of them', async (context) => {
    const { host } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const padding = 'x'.repeat(200);
    const calls = Array.from({ length: 10_000 }, async (_, index) => {
      const { value } = await echo(channel, `${index}${padding}`);
      assert.equal(value, `${index}${padding}`);
    });
    assert.equal(channel.pendingCalls, 10_000);
    await Promise.all(calls);
    assert.equal(channel.pendingCalls, 0);
  });

  it('writes all calls of one turn to the socket at once', async (context) => {
    const { host, sockets } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const write = context.mock.method(sockets.host, 'write');
    await Promise.all(Array.from({ length: 100 }, (_, index) => echo(channel, `${index}`)));
    assert.equal(write.mock.callCount(), 1);
  });

  it('carries 3 MiB in an argument and in a reply', async (context) => {
    const { host } = await connected(context, { host: { limits: { maxMessageBytes: 4_194_304 } } });
    const channel = await host.dispense('echo', CALL);
    const value = new Uint8Array(3_145_728).map((_, index) => index % 253);
    const [large, small] = await Promise.all([
      channel.call('Bytes', { type: GOB_BYTES, value }, CALL),
      echo(channel, 'small'),
    ]);
    assert.ok(large.value instanceof Uint8Array);
    assert.equal(Buffer.compare(large.value, value), 0);
    assert.equal(small.value, 'small');
  });

  it('gives up a plugin whose reply is over the limit', async (context) => {
    const { host } = await connected(context, { host: { limits: { maxMessageBytes: 1000 } } });
    const channel = await host.dispense('echo', CALL);
    const call = assert.rejects(
      channel.call('Bytes', { type: GOB_BYTES, value: new Uint8Array(1000) }, CALL),
      failure('GOB_MESSAGE_TOO_LONG'),
    );
    await call;
    assert.ok(failure('GOB_MESSAGE_TOO_LONG')(await host.closed));
    await assert.rejects(echo(channel, 'x'), failure('GOB_MESSAGE_TOO_LONG'));
  });

  it('refuses calls that would wait beyond the limit for a peer that does not read', async (context) => {
    const { host, plugin } = await socketPair(context);
    plugin.pause();
    const connection = connectNetRpc(host, { ...IGNORE_OUTPUT, limits: { maxSendQueueBytes: 1000 } });
    context.after(() => connection.close());
    const name = 'n'.repeat(100_000);
    const calls = Array.from({ length: 4 }, () => connection.dispense(name, CALL));
    const settled = Promise.allSettled(calls);
    await assert.rejects(Promise.race(calls), failure('YAMUX_SEND_QUEUE_FULL'));
    connection.close();
    const codes = (await settled).map((each) => each.status === 'rejected' && each.reason.code);
    assert.deepEqual(codes, [
      'PLUGIN_CLOSED',
      'PLUGIN_CLOSED',
      'YAMUX_SEND_QUEUE_FULL',
      'YAMUX_SEND_QUEUE_FULL',
    ]);
  });

  it('handles no more requests at once than the limit, and loses none', async (context) => {
    let [current, most] = [0, 0];
    const handle = async (turns: unknown): Promise<unknown> => {
      current += 1;
      most = Math.max(most, current);
      await waitTurns(2);
      current -= 1;
      return turns;
    };
    const { host } = await connected(context, {
      plugin: {
        dispense: () => ({ Wait: { argument: GOB_INT, reply: GOB_INT, handle } }),
        limits: { maxPendingRequests: 4 },
      },
    });
    const channel = await host.dispense('any', CALL);
    const calls = Array.from({ length: 100 }, (_, value) =>
      channel.call('Wait', { type: GOB_INT, value }, CALL),
    );
    const replies = await Promise.all(calls);
    assert.deepEqual(
      replies.map((reply) => reply.value),
      Array.from({ length: 100 }, (_, index) => index),
    );
    assert.equal(most, 4);
  });
});

describe('the end of a net/rpc connection', () => {
  it('rejects every pending call at once when the socket dies', async (context) => {
    const { host, sockets } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const calls = Array.from({ length: 32 }, () => channel.call('Hang', text(''), { timeoutMs: 1e9 }));
    const settled = Promise.allSettled([...calls, host.ping({ timeoutMs: 1e9 })]);
    await host.ping(CALL);
    sockets.plugin.destroy();
    const all = await settled;
    const codes = new Set(all.slice(0, 32).map((each) => each.status === 'rejected' && each.reason.code));
    assert.deepEqual(codes, new Set(['PLUGIN_CONNECTION_LOST']));
    assert.ok(failure('PLUGIN_CONNECTION_LOST')(await host.closed));
    await assert.rejects(echo(channel, 'x'), failure('PLUGIN_CONNECTION_LOST'));
    await assert.rejects(host.dispense('echo', CALL), failure('PLUGIN_CONNECTION_LOST'));
  });

  for (const [what, flags] of [
    ['resets', '0008'],
    ['ends', '0004'],
  ]) {
    it(`rejects the calls of one stream alone when the plugin ${what} it`, async (context) => {
      const { host, sockets } = await connected(context);
      const [lost, kept] = [await host.dispense('echo', CALL), await host.dispense('echo', CALL)];
      const hanging = assert.rejects(lost.call('Hang', text(''), CALL), failure('PLUGIN_CONNECTION_LOST'));
      sockets.plugin.write(Buffer.from(`0001${flags}0000000700000000`, 'hex'));
      await hanging;
      await assert.rejects(echo(lost, 'x'), failure('PLUGIN_CONNECTION_LOST'));
      assert.equal((await echo(kept, 'x')).value, 'x');
      await host.ping(CALL);
    });
  }

  it('rejects pending calls when it is closed, and both sides end in order', async (context) => {
    const { host, plugin, sockets } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const hanging = assert.rejects(channel.call('Hang', text(''), CALL), failure('PLUGIN_CLOSED'));
    host.close();
    host.close();
    await hanging;
    assert.equal(await host.closed, undefined);
    assert.equal(await plugin.closed, undefined);
    if (!sockets.host.destroyed) await once(sockets.host, 'close');
  });

  it('destroys a socket whose peer does not end its side', async (context) => {
    const clock = new ManualClock();
    const { host, plugin } = await socketPair(context);
    plugin.pause();
    const connection = connectNetRpc(host, { ...IGNORE_OUTPUT, clock });
    connection.close();
    await clock.advance(999);
    assert.equal(host.destroyed, false);
    await clock.advance(1);
    assert.equal(host.destroyed, true);
    assert.equal(clock.pendingTimers, 0);
  });

  it('calls onQuit once, after Quit was answered', async (context) => {
    let count = 0;
    const { host, plugin } = await connected(context, {
      plugin: {
        onQuit: () => {
          count += 1;
          plugin.close();
        },
      },
    });
    await Promise.all([host.quit(CALL), host.quit(CALL)]);
    await host.closed;
    assert.equal(count, 1);
  });

  it('gives up a plugin that answers with something else than net/rpc', async (context) => {
    const { host, plugin } = await socketPair(context);
    const connection = connectNetRpc(host, IGNORE_OUTPUT);
    context.after(() => connection.close());
    const ping = assert.rejects(connection.ping(CALL), failure('GOB_MALFORMED'));
    plugin.write(Buffer.from('00010002000000010000000000000000000000010000000403020002', 'hex'));
    await ping;
    assert.ok(failure('GOB_MALFORMED')(await connection.closed));
  });

  it('gives up a plugin that breaks yamux, and tells it so', async (context) => {
    const { host, plugin } = await socketPair(context);
    const connection = connectNetRpc(host, IGNORE_OUTPUT);
    const received: Buffer[] = [];
    plugin.on('data', (bytes: Buffer) => received.push(bytes));
    plugin.write('HTTP/1.1 400 Bad Request\r\n');
    const ping = assert.rejects(connection.ping(CALL), failure('PLUGIN_CONNECTION_LOST', /version 72/));
    assert.ok(failure('YAMUX_BAD_FRAME')(await connection.closed));
    await ping;
    await once(plugin, 'end');
    assert.ok(Buffer.concat(received).toString('hex').endsWith('000300000000000000000001'));
  });
});

describe('deadlines of calls', () => {
  it('reject the caller, drop the late reply, and leave the channel usable', async (context) => {
    const clock = new ManualClock();
    const gate = Promise.withResolvers<string>();
    const dispense = () => ({
      ...ECHO,
      Gate: { argument: GOB_STRING, reply: GOB_STRING, handle: () => gate.promise },
    });
    const { host } = await connected(context, { host: { clock }, plugin: { dispense } });
    const channel = await host.dispense('echo', CALL);
    const call = channel.call('Gate', text(''), { timeoutMs: 250 });
    const rejected = assert.rejects(call, failure('PLUGIN_CALL_TIMEOUT', /^Plugin.Gate .* 250 ms/));
    await clock.advance(249);
    assert.equal(channel.pendingCalls, 1);
    await clock.advance(1);
    await rejected;
    assert.equal(channel.pendingCalls, 0);
    gate.resolve('late');
    assert.equal((await echo(channel, 'next')).value, 'next');
  });

  it('take one timer a connection, however many calls there are', async (context) => {
    const clock = new ManualClock();
    const { host } = await connected(context, { host: { clock } });
    const channel = await host.dispense('echo', CALL);
    const schedule = context.mock.method(clock, 'schedule');
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => echo(channel, 'x', { timeoutMs: 2000 })));
    }
    assert.ok(schedule.mock.callCount() <= 1, `${schedule.mock.callCount()} timers were made`);
    assert.equal(clock.pendingTimers, 1);
  });

  it('wait for what arrived while the process was paused', async (context) => {
    const clock = new ManualClock();
    const { host, sockets } = await connected(context, { host: { clock } });
    const channel = await host.dispense('echo', CALL);
    sockets.host.pause();
    const call = echo(channel, 'in time', { timeoutMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    sockets.host.resume();
    await clock.advance(100);
    assert.equal((await call).value, 'in time');
  });

  it('give way to a signal', async (context) => {
    const { host } = await connected(context);
    const channel = await host.dispense('echo', CALL);
    const controller = new AbortController();
    const call = channel.call('Hang', text(''), { ...CALL, signal: controller.signal });
    const rejected = assert.rejects(call, failure('PLUGIN_CALL_CANCELLED'));
    controller.abort(new Error('not needed'));
    await rejected;
    await assert.rejects(
      echo(channel, 'x', { ...CALL, signal: controller.signal }),
      failure('PLUGIN_CALL_CANCELLED'),
    );
    assert.equal(channel.pendingCalls, 0);
  });

  it('end the connection when the plugin answers no ping of it', async (context) => {
    const clock = new ManualClock();
    const { host } = await socketPair(context);
    const connection = connectNetRpc(host, { ...IGNORE_OUTPUT, clock });
    await clock.advance(30_000);
    await clock.advance(9_999);
    const isOver = Promise.race([connection.closed.then(() => true), Promise.resolve(false)]);
    assert.equal(await isOver, false);
    await clock.advance(1);
    assert.ok(failure('YAMUX_KEEPALIVE_TIMEOUT')(await connection.closed));
  });
});

describe('what a plugin prints', () => {
  it('reaches the host, and does not block calls when it is much', async (context) => {
    const piece = new Uint8Array(100_000).fill(0x61);
    const stdout = source(...Array.from({ length: 30 }, () => piece));
    const stderr = source(new TextEncoder().encode('oops'));
    const received = { stdout: 0, stderr: '' };
    const done = Promise.withResolvers<void>();
    const { host } = await connected(context, {
      plugin: { stdout, stderr },
      host: {
        onStdout: (bytes) => {
          received.stdout += bytes.length;
          if (received.stdout === 3_000_000) done.resolve();
        },
        onStderr: (bytes) => {
          received.stderr += new TextDecoder().decode(bytes);
        },
      },
    });
    const channel = await host.dispense('echo', CALL);
    assert.equal((await echo(channel, 'through')).value, 'through');
    await done.promise;
    assert.equal(received.stderr, 'oops');
  });

  it('is let go of when the connection ends first', async (context) => {
    const stdout = source(...Array.from({ length: 100 }, () => new Uint8Array(100_000)));
    const { host, plugin, sockets } = await connected(context, { plugin: { stdout } });
    await host.ping(CALL);
    sockets.host.destroy();
    await plugin.closed;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(stdout.isReturned, true);
  });

  it('may end without ending the connection', async (context) => {
    const { host } = await connected(context, { plugin: { stdout: source(), stderr: SILENT } });
    const channel = await host.dispense('echo', CALL);
    assert.equal((await echo(channel, 'x')).value, 'x');
  });
});
