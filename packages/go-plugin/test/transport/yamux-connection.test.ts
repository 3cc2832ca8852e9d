import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { PluginError } from '../../src/errors.ts';
import type { MuxStream, StreamOwner } from '../../src/transport/mux-stream.ts';
import { YamuxConnection } from '../../src/transport/yamux-connection.ts';
import { socketPair } from './socket-pair.ts';

/** Collects what a stream brings. */
class Reader implements StreamOwner {
  readonly chunks: Uint8Array[] = [];
  readonly ended = Promise.withResolvers<void>();
  readonly gone = Promise.withResolvers<PluginError>();
  readonly #stream: MuxStream;

  constructor(stream: MuxStream) {
    this.#stream = stream;
    stream.setOwner(this);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  data(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.#stream.consumed(bytes.length);
  }

  end(): void {
    this.ended.resolve();
  }

  closed(error: PluginError): void {
    this.gone.resolve(error);
  }
}

interface Pair {
  readonly host: YamuxConnection;
  readonly plugin: YamuxConnection;
  readonly accepted: MuxStream[];
}

async function pair(context: TestContext): Promise<Pair> {
  const sockets = await socketPair(context);
  const accepted: MuxStream[] = [];
  const clock = systemClock;
  const host = new YamuxConnection(sockets.host, { role: 'host', clock, onStream: () => undefined });
  const plugin = new YamuxConnection(sockets.plugin, {
    role: 'plugin',
    clock,
    onStream: (stream) => accepted.push(stream),
  });
  context.after(() => {
    host.close();
    plugin.close();
  });
  return { host, plugin, accepted };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('YamuxConnection', () => {
  it('keeps what a stream brings until it has an owner', async (context) => {
    const { host, accepted } = await pair(context);
    const stream = host.open();
    stream.write(Buffer.from('early'));
    stream.finish();
    await until(() => accepted.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [arrived] = accepted;
    assert.ok(arrived);
    const reader = new Reader(arrived);
    await reader.ended.promise;
    assert.equal(reader.text, 'early');
  });

  it('holds a writer back until the peer has read', async (context) => {
    const { host, accepted } = await pair(context);
    const stream = host.open();
    const [first, second] = [Buffer.alloc(262_144, 'a'), Buffer.alloc(10, 'b')];
    stream.write(first);
    assert.equal(stream.write(second), false);
    const drained = stream.drained();
    await until(() => accepted.length === 1);
    const [arrived] = accepted;
    assert.ok(arrived);
    const reader = new Reader(arrived);
    await drained;
    await until(() => reader.text.length === 262_154);
  });

  it('opens 300 streams at once, waiting for acknowledgements, and loses none', async (context) => {
    const { host, accepted } = await pair(context);
    const opened = await Promise.all(Array.from({ length: 300 }, () => host.openInTurn()));
    assert.equal(new Set(opened.map((stream) => stream.id)).size, 300);
    await until(() => accepted.length === 300);
  });

  it('forgets streams that both sides ended, or one reset', async (context) => {
    const { host, plugin, accepted } = await pair(context);
    for (let count = 0; count < 20; count += 1) host.open().finish();
    const doomed = host.open();
    await until(() => accepted.length === 21);
    for (const stream of accepted) new Reader(stream);
    for (const stream of accepted.slice(0, 20)) stream.finish();
    doomed.reset();
    await until(() => host.streamCount === 0 && plugin.streamCount === 0);
    assert.equal(host.session.streamCount, 0);
    assert.equal(plugin.session.streamCount, 0);
  });

  it('opens no stream after the peer said that it is going away, but keeps the others', async (context) => {
    const { host, plugin, accepted } = await pair(context);
    const stream = host.open();
    await until(() => accepted.length === 1);
    plugin.session.goAway();
    plugin.wake();
    const [arrived] = accepted;
    assert.ok(arrived);
    arrived.write(Buffer.from('still here'));
    const reader = new Reader(stream);
    await until(() => reader.text === 'still here');
    assert.throws(
      () => host.open(),
      (error) => error instanceof PluginError && error.code === 'YAMUX_OPEN_REFUSED',
    );
  });

  it('tells every stream when the socket dies, and refuses to open more', async (context) => {
    const { host, plugin } = await pair(context);
    const readers = [host.open(), host.open()].map((stream) => new Reader(stream));
    await until(() => plugin.streamCount === 2);
    plugin.close();
    for (const reader of readers) assert.equal((await reader.gone.promise).code, 'PLUGIN_CONNECTION_LOST');
    assert.equal((await host.closed)?.code, 'PLUGIN_CONNECTION_LOST');
    assert.throws(
      () => host.open(),
      (error) => error instanceof PluginError && error.code === 'PLUGIN_CONNECTION_LOST',
    );
    await assert.rejects(host.openInTurn(), (error) => error instanceof PluginError);
  });
});
