import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { PluginError, type PluginErrorCode } from '../../src/errors.ts';
import { GRPC_STATUS, GrpcStatusError } from '../../src/grpc/grpc-status.ts';
import { eventually } from '../fixtures/plugin-fixture.ts';
import { echoService, grpcPair } from './grpc-pair.ts';

const CALL = { timeoutMs: 20_000 };
const ECHO = '/test.Echo/Echo';
const HANG = '/test.Echo/Hang';

const fails = (code: PluginErrorCode, status?: number) => (error: unknown) => {
  assert.ok(error instanceof PluginError, String(error));
  assert.equal(error.code, code, error.message);
  if (status !== undefined) {
    assert.ok(error.cause instanceof GrpcStatusError);
    assert.equal(error.cause.status, status);
  }
  return true;
};

describe('A gRPC call', () => {
  it('is answered, an empty message by an empty message', async (t) => {
    const { channel } = await grpcPair(t);
    assert.deepEqual(await channel.unary(ECHO, Buffer.from('hello'), CALL), Buffer.from('hello'));
    assert.equal((await channel.unary(ECHO, new Uint8Array(0), CALL)).length, 0);
    assert.equal(channel.pendingCalls, 0);
  });

  it('carries messages far beyond 4 MiB, both ways', async (t) => {
    const { channel } = await grpcPair(t);
    const large = Buffer.alloc(9_000_000, 'x');
    const reply = await channel.unary(ECHO, large, CALL);
    assert.ok(large.equals(reply));
  });

  it('is refused when its reply is longer than the limit, and the connection goes on', async (t) => {
    const { channel } = await grpcPair(t, { host: { limits: { maxMessageBytes: 1000 } } });
    await assert.rejects(channel.unary(ECHO, new Uint8Array(1001), CALL), fails('GRPC_MESSAGE_TOO_LONG'));
    assert.equal((await channel.unary(ECHO, new Uint8Array(1000), CALL)).length, 1000);
  });

  it('is refused by the plugin when it is longer than its limit', async (t) => {
    const { channel } = await grpcPair(t, { plugin: { limits: { maxMessageBytes: 1000 } } });
    await assert.rejects(
      channel.unary(ECHO, new Uint8Array(1001), CALL),
      fails('PLUGIN_CALL_FAILED', GRPC_STATUS.RESOURCE_EXHAUSTED),
    );
  });

  it('fails with the status and the words of the plugin', async (t) => {
    const { channel } = await grpcPair(t);
    await assert.rejects(channel.unary('/test.Echo/Refuse', Buffer.from(''), CALL), (error: Error) => {
      assert.match(error.message, /nicht möglich: 100 %/);
      return fails('PLUGIN_CALL_FAILED', GRPC_STATUS.FAILED_PRECONDITION)(error);
    });
    const failing = channel.unary('/test.Echo/Fail', Buffer.from('no downstreams'), CALL);
    await assert.rejects(failing, fails('PLUGIN_CALL_FAILED', GRPC_STATUS.UNKNOWN));
  });

  it('of an unknown method or service is UNIMPLEMENTED', async (t) => {
    const { channel } = await grpcPair(t);
    for (const path of ['/test.Echo/Nothing', '/no.Service/Echo', '/', '/constructor/toString']) {
      await assert.rejects(
        channel.unary(path, new Uint8Array(0), CALL),
        fails('PLUGIN_CALL_FAILED', GRPC_STATUS.UNIMPLEMENTED),
      );
    }
  });

  it('ends with its deadline, which the plugin is told of', async (t) => {
    const aborted: unknown[] = [];
    const services = () => [echoService((reason) => aborted.push(reason))];
    const { channel } = await grpcPair(t, { plugin: { services } });
    await assert.rejects(
      channel.unary(HANG, new Uint8Array(0), { timeoutMs: 30 }),
      fails('PLUGIN_CALL_TIMEOUT'),
    );
    await eventually('the handler to be told', () => aborted.length === 1);
    assert.equal(
      Buffer.from(await channel.unary('/test.Echo/TimeLeft', new Uint8Array(0), CALL)).toString(),
      '20000',
    );
  });

  it('ends with its signal', async (t) => {
    const { channel } = await grpcPair(t);
    const aborter = new AbortController();
    const call = channel.unary(HANG, new Uint8Array(0), { ...CALL, signal: aborter.signal });
    aborter.abort();
    await assert.rejects(call, fails('PLUGIN_CALL_CANCELLED'));
    const late = channel.unary(HANG, new Uint8Array(0), { ...CALL, signal: aborter.signal });
    await assert.rejects(late, fails('PLUGIN_CALL_CANCELLED'));
  });

  it('is rejected when the connection is lost', async (t) => {
    const { channel, host, sockets } = await grpcPair(t);
    const calls = Array.from({ length: 1000 }, () => channel.unary(HANG, new Uint8Array(0), CALL));
    const rejected = Promise.all(calls.map((call) => assert.rejects(call, fails('PLUGIN_CONNECTION_LOST'))));
    await channel.unary(ECHO, new Uint8Array(0), { timeoutMs: 1 }).catch(() => undefined);
    sockets.plugin.destroy();
    await rejected;
    assert.ok((await host.closed) instanceof PluginError);
    await assert.rejects(channel.unary(ECHO, new Uint8Array(0), CALL), fails('PLUGIN_CONNECTION_LOST'));
  });

  it('is rejected when its channel is closed, others go on', async (t) => {
    const { channel, host } = await grpcPair(t);
    const other = host.dispense();
    const call = channel.unary(HANG, new Uint8Array(0), CALL);
    assert.equal(channel.pendingCalls, 1);
    channel.close();
    await assert.rejects(call, fails('PLUGIN_CLOSED'));
    await assert.rejects(channel.unary(ECHO, new Uint8Array(0), CALL), fails('PLUGIN_CLOSED'));
    assert.equal((await other.unary(ECHO, new Uint8Array(1), CALL)).length, 1);
    host.close();
    assert.equal(await host.closed, undefined);
  });

  it('is answered among 10 000 that were made at once', async (t) => {
    const { channel } = await grpcPair(t);
    const calls = Array.from({ length: 10_000 }, (_, index) =>
      channel.unary(ECHO, Buffer.from(String(index)), CALL),
    );
    assert.equal(channel.pendingCalls, 10_000);
    const replies = await Promise.all(calls);
    assert.ok(replies.every((reply, index) => Buffer.from(reply).toString() === String(index)));
    assert.equal(channel.pendingCalls, 0);
  });
});

describe('A gRPC connection', () => {
  it('pings by the health service', async (t) => {
    const { host } = await grpcPair(t);
    await host.ping(CALL);
  });

  it('tells when the socket file is gone', async (t) => {
    const lost = new PluginError('PLUGIN_SOCKET_LOST', 'gone');
    const { host } = await grpcPair(t, { host: { checkReachable: () => Promise.reject(lost) } });
    await assert.rejects(host.ping(CALL), fails('PLUGIN_SOCKET_LOST'));
  });

  it('quits by Shutdown', async (t) => {
    const quit = Promise.withResolvers<void>();
    const { host } = await grpcPair(t, { plugin: { onQuit: quit.resolve } });
    await host.quit(CALL);
    await quit.promise;
  });

  it('takes a lost answer to Shutdown for an answer', async (t) => {
    const { host, sockets } = await grpcPair(t);
    const quit = host.quit(CALL);
    sockets.plugin.destroy();
    await quit;
  });

  it('brings both channels of what the plugin prints', async (t) => {
    const received = { stdout: '', stderr: '' };
    async function* prints(text: string, count: number) {
      for (let index = 0; index < count; index += 1) yield Buffer.from(text);
    }
    await grpcPair(t, {
      host: {
        onStdout: (bytes) => (received.stdout += Buffer.from(bytes).toString()),
        onStderr: (bytes) => (received.stderr += Buffer.from(bytes).toString()),
      },
      plugin: { stdout: prints('x'.repeat(100_000), 10), stderr: prints('oops\n', 2) },
    });
    await eventually(
      'all output',
      () => received.stdout.length === 1_000_000 && received.stderr === 'oops\noops\n',
    );
  });

  it('reads what is printed without end at a pace, and all of it', async (t) => {
    let bytes = 0;
    let pauses = 0;
    const clock = {
      ...systemClock,
      // Time stands still, so that nothing printed is ever forgiven.
      now: () => 0,
      schedule: (delayMs: number, run: () => void) => {
        pauses += 1;
        return systemClock.schedule(delayMs, run);
      },
    };
    async function* flood() {
      for (let index = 0; index < 20; index += 1) yield Buffer.alloc(65_536, 'x');
    }
    const onStdout = (piece: Uint8Array): void => {
      bytes += piece.length;
    };
    await grpcPair(t, { host: { onStdout, clock }, plugin: { stdout: flood() } });
    await eventually('all output', () => bytes === 20 * 65_536);
    assert.ok(pauses > 0);
  });
});
