import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { RouterError } from '../../src/errors.ts';
import { EventHub } from '../../src/events/event-hub.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { ConnectionSlots } from '../../src/listener/connection-slots.ts';
import type { ListenerOptions } from '../../src/listener/listener-options.ts';
import { SmtpListener } from '../../src/listener/smtp-listener.ts';
import { TestClock } from '../test-clock.ts';
import { RawClient } from './raw-client.ts';
import { RecordingHandler } from './recording-handler.ts';

const ENVELOPE = ['EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA'];

class Setting {
  readonly clock = new TestClock();
  readonly handlers: RecordingHandler[] = [];
  readonly events: RouterEvent[] = [];
  readonly hub = new EventHub();
  readonly clients: RawClient[] = [];
  readonly listener: SmtpListener;
  /** Called with each new handler. */
  onHandler: (handler: RecordingHandler) => void = () => {};
  port = 0;

  constructor(options: Partial<ListenerOptions> = {}) {
    let sessions = 0;
    this.hub.subscribe({ emit: (event) => this.events.push(event) });
    this.listener = new SmtpListener(
      {
        host: '127.0.0.1',
        port: 0,
        slots: new ConnectionSlots(100),
        connection: {
          session: { hostname: 'router.example.com' },
          timeouts: {
            clientCommandMs: 300_000,
            clientDataMs: 180_000,
            clientTlsMs: 30_000,
            transactionMs: 1_800_000,
          },
        },
        nextSessionId: () => {
          sessions += 1;
          return `s${sessions}`;
        },
        clock: this.clock,
        ...options,
      },
      () => {
        const handler = new RecordingHandler();
        this.onHandler(handler);
        this.handlers.push(handler);
        return handler;
      },
      this.hub,
    );
  }

  async connect(): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    this.clients.push(client);
    return client;
  }

  /** Connected, and the greeting read. */
  async session(): Promise<RawClient> {
    const client = await this.connect();
    assert.match(await client.reply(), /^220 router\.example\.com/);
    return client;
  }

  /** Resolves with the next event of a kind that comes from now on. */
  next(kind: RouterEvent['kind']): Promise<RouterEvent> {
    return new Promise((resolve) => {
      const leave = this.hub.subscribe({
        emit(event) {
          if (event.kind !== kind) return;
          leave();
          resolve(event);
        },
      });
    });
  }

  kinds(): readonly string[] {
    return this.events.map((event) => event.kind);
  }
}

/** A listener on a free port, closed with its clients at the end of the test. */
async function listening(t: TestContext, options: Partial<ListenerOptions> = {}): Promise<Setting> {
  const setting = new Setting(options);
  t.after(() => {
    for (const client of setting.clients) client.stream.destroy();
    setting.listener.close();
  });
  setting.port = (await setting.listener.listen()).port;
  return setting;
}

/** Bytes the kernel has taken from a client; the rest waits in its own process. */
function takenBytes(client: RawClient): number {
  return client.stream.bytesWritten - client.stream.writableLength;
}

/** Waits until the kernel takes nothing more: the other side has stopped reading. */
async function stalled(client: RawClient): Promise<number> {
  for (let before = -1, same = 0; ; ) {
    const now = takenBytes(client);
    same = now === before ? same + 1 : 0;
    if (same === 20) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a whole session: greeting, transaction, QUIT, and the events around it', async (t) => {
  const setting = await listening(t);
  const client = await setting.session();
  client.say(...ENVELOPE);
  assert.deepEqual(await client.codes(4), ['250', '250', '250', '354']);
  client.say('Subject: x', '', 'body', '.');
  assert.deepEqual(await client.codes(1), ['250']);
  const closed = setting.next('session-closed');
  client.say('QUIT');
  assert.deepEqual(await client.codes(1), ['221']);
  client.stream.end();
  assert.deepEqual(await closed, {
    kind: 'session-closed',
    sessionId: 's1',
    listener: `127.0.0.1:${setting.port}`,
    reason: 'quit',
    messages: 1,
  });
  assert.deepEqual(setting.events[0], {
    kind: 'session-opened',
    sessionId: 's1',
    listener: `127.0.0.1:${setting.port}`,
    clientAddress: '127.0.0.1',
  });
  assert.deepEqual(setting.handlers[0]?.calls, [
    'hello c',
    'mail',
    'rcpt',
    'data',
    'contentEnd',
    'closed quit',
  ]);
  assert.equal(setting.handlers[0]?.contentBytes, 'Subject: x\r\n\r\nbody\r\n'.length);
  assert.equal(setting.listener.connectionCount, 0);
});

test('everything that comes in one piece is answered in one write', async (t) => {
  const setting = await listening(t);
  const client = await setting.session();
  const spy = t.mock.method(Socket.prototype, 'write');
  client.say(...ENVELOPE);
  await client.codes(4);
  client.say('body', '.', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA');
  await client.codes(4);
  const ours = spy.mock.calls.filter(
    (call) => call.this instanceof Socket && call.this.localPort === setting.port,
  );
  assert.equal(ours.length, 2);
});

test('replies given before a wait are not kept back by it', async (t) => {
  const setting = await listening(t);
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  setting.onHandler = (handler) => {
    handler.answers.rcpt = () => answer.promise;
  };
  const client = await setting.session();
  client.say(...ENVELOPE.slice(0, 3));
  assert.deepEqual(await client.codes(2), ['250', '250']);
  answer.resolve({ code: 250, lines: ['Ok'] });
  assert.deepEqual(await client.codes(1), ['250']);
});

test('a client that closes its side behind the last command still gets every reply', async (t) => {
  const setting = await listening(t);
  setting.onHandler = (handler) => {
    handler.answers.contentEnd = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { code: 250, lines: ['taken'] };
    };
  };
  const client = await setting.connect();
  client.say(...ENVELOPE, 'body', '.', 'QUIT');
  client.stream.end();
  const text = await client.rest();
  assert.match(text, /\r\n354 .*\r\n250 taken\r\n221 /);
});

test('a client that closes its side between commands is let go', async (t) => {
  const setting = await listening(t);
  const client = await setting.session();
  const closed = setting.next('session-closed');
  client.stream.end();
  const event = await closed;
  assert.ok(event.kind === 'session-closed');
  assert.equal(event.reason, 'peer-gone');
});

test('while the handler has no room nothing more is read', async (t) => {
  const total = 64_000_000;
  const setting = await listening(t);
  const room = Promise.withResolvers<void>();
  let pieces = 0;
  setting.onHandler = (handler) => {
    handler.onContent = () => {
      pieces += 1;
      return room.promise;
    };
  };
  const client = await setting.session();
  client.say(...ENVELOPE);
  await client.codes(4);
  client.stream.write(Buffer.alloc(total, `${'x'.repeat(98)}\r\n`));
  client.say('.');
  const taken = await stalled(client);
  assert.equal(pieces, 1);
  assert.ok(taken < total / 2, `${taken} bytes taken`);
  room.resolve();
  assert.deepEqual(await client.codes(1), ['250']);
  assert.ok((setting.handlers[0]?.contentBytes ?? 0) >= total);
});

test('from a client that does not read its replies nothing more is read', async (t) => {
  const count = 100_000;
  const setting = await listening(t);
  const client = await setting.session();
  const done = Promise.withResolvers<void>();
  let hellos = 0;
  const [handler] = setting.handlers;
  assert.ok(handler !== undefined);
  handler.hello = () => {
    hellos += 1;
    if (hellos === count) done.resolve();
  };
  client.stream.pause();
  const name = 'c'.repeat(100);
  client.stream.write(`EHLO ${name}\r\n`.repeat(count));
  await stalled(client);
  const whileStalled = hellos;
  assert.ok(whileStalled < count, 'all commands were run for a client that reads nothing');
  client.stream.resume();
  await done.promise;
});

test('above the limit a connection hears 421, and the next one is let in when a slot is free', async (t) => {
  const slots = new ConnectionSlots(2);
  const setting = await listening(t, { slots });
  const first = await setting.session();
  await setting.session();
  const third = await setting.connect();
  assert.match(await third.reply(), /^421 4\.3\.2 router\.example\.com has too many connections/);
  assert.equal(await third.reply(), '');
  assert.equal(setting.handlers.length, 2);
  assert.ok(setting.kinds().includes('session-refused'));
  const closed = setting.next('session-closed');
  first.stream.destroy();
  await closed;
  await setting.session();
  assert.equal(slots.taken, 2);
});

test('the slots are shared by listeners', async (t) => {
  const slots = new ConnectionSlots(1);
  const one = await listening(t, { slots });
  const other = await listening(t, { slots });
  await one.session();
  assert.match(await (await other.connect()).reply(), /^421 /);
});

test('a client that resets in the middle of its content leaves nothing behind', async (t) => {
  const slots = new ConnectionSlots(10);
  const setting = await listening(t, { slots });
  const client = await setting.session();
  client.say(...ENVELOPE);
  await client.codes(4);
  client.say('half a message');
  await setting.handlers[0]?.received(5);
  const closed = setting.next('session-closed');
  client.stream.resetAndDestroy();
  const event = await closed;
  assert.ok(event.kind === 'session-closed');
  assert.match(event.reason, /ECONNRESET/);
  assert.ok(!setting.handlers[0]?.calls.includes('contentEnd'));
  assert.equal(slots.taken, 0);
  await setting.session();
});

test('a client that is gone before its answer does no harm', async (t) => {
  const setting = await listening(t);
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  setting.onHandler = (handler) => {
    handler.answers.contentEnd = () => answer.promise;
  };
  const client = await setting.session();
  client.say(...ENVELOPE);
  await client.codes(4);
  client.say('x', '.');
  await setting.handlers[0]?.called('contentEnd');
  const closed = setting.next('session-closed');
  client.stream.resetAndDestroy();
  await closed;
  answer.resolve({ code: 250, lines: ['Ok'] });
  await setting.session();
  assert.ok(!setting.kinds().includes('internal-fault'));
});

test('a session that cannot be made is turned away, and the listener goes on', async (t) => {
  const slots = new ConnectionSlots(1);
  const setting = await listening(t, { slots });
  setting.onHandler = () => {
    throw new Error('defect');
  };
  assert.match(await (await setting.connect()).reply(), /^421 /);
  assert.ok(setting.kinds().includes('internal-fault'));
  setting.onHandler = () => {};
  await setting.session();
});

test('new options and handlers are for new connections only', async (t) => {
  const setting = await listening(t);
  const old = await setting.session();
  const handler = new RecordingHandler();
  setting.listener.reconfigure(
    {
      session: { hostname: 'renamed.example.com' },
      timeouts: { clientCommandMs: 1_000, clientDataMs: 1_000, clientTlsMs: 1_000, transactionMs: 1_000 },
    },
    () => handler,
  );
  const renewed = await setting.connect();
  assert.match(await renewed.reply(), /^220 renamed\.example\.com/);
  setting.clock.advance(1_000);
  assert.match(await renewed.reply(), /^421 /);
  assert.equal(await old.ask('NOOP'), '250');
});

test('a port that is taken is named', async (t) => {
  const first = await listening(t);
  const second = new SmtpListener(
    {
      host: '127.0.0.1',
      port: first.port,
      slots: new ConnectionSlots(1),
      connection: {
        session: { hostname: 'x' },
        timeouts: { clientCommandMs: 1, clientDataMs: 1, clientTlsMs: 1, transactionMs: 1 },
      },
      nextSessionId: () => 's',
    },
    () => new RecordingHandler(),
    first.hub,
  );
  await assert.rejects(second.listen(), (error) => {
    assert.ok(error instanceof RouterError);
    assert.equal(error.code, 'ROUTER_ADDRESS_IN_USE');
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${first.port}`));
    return true;
  });
  second.close();
});

test('an address of another machine is named', async () => {
  const setting = new Setting({ host: '192.0.2.1', port: 2525 });
  await assert.rejects(setting.listener.listen(), (error) => {
    assert.ok(error instanceof RouterError);
    assert.equal(error.code, 'ROUTER_ADDRESS_UNUSABLE');
    assert.match(error.message, /192\.0\.2\.1:2525/);
    return true;
  });
});

test('IPv6 addresses are written in brackets, IPv4 clients of a dual-stack socket as IPv4', async (t) => {
  const setting = await listening(t, { host: '::' });
  const client = await RawClient.connect(setting.port, '127.0.0.1');
  setting.clients.push(client);
  await client.reply();
  const [opened] = setting.events;
  assert.ok(opened?.kind === 'session-opened');
  assert.equal(opened.listener, `[::]:${setting.port}`);
  assert.equal(opened.clientAddress, '127.0.0.1');
});

test('drain: idle sessions hear 421, nobody new is let in, a transaction finishes', async (t) => {
  const setting = await listening(t);
  const answer = Promise.withResolvers<{ code: number; lines: string[] }>();
  setting.onHandler = (handler) => {
    handler.answers.contentEnd = () => answer.promise;
  };
  const idle = await setting.session();
  const busy = await setting.session();
  busy.say(...ENVELOPE);
  await busy.codes(4);
  busy.say('x', '.');
  await setting.handlers[1]?.called('contentEnd');
  const drained = setting.listener.drain(10_000);
  assert.match(await idle.reply(), /^421 4\.3\.2 /);
  idle.stream.end();
  await assert.rejects(setting.connect());
  answer.resolve({ code: 250, lines: ['taken'] });
  assert.deepEqual(await busy.codes(2), ['250', '421']);
  busy.stream.end();
  await drained;
  assert.equal(setting.listener.connectionCount, 0);
  assert.equal(setting.listener.isListening, false);
});

test('drain: what has not finished after the grace is dropped', async (t) => {
  const setting = await listening(t);
  const client = await setting.session();
  client.say(...ENVELOPE);
  await client.codes(4);
  const drained = setting.listener.drain(10_000);
  assert.equal(setting.listener.drain(1), drained, 'a second drain waits for the first');
  setting.clock.advance(10_000);
  await drained;
  assert.equal(await client.rest(), '');
  assert.equal(setting.handlers[0]?.calls.at(-1), 'closed dropped');
});

test('drain without connections is over at once', async (t) => {
  const setting = await listening(t);
  await setting.listener.drain(10_000);
  assert.equal(setting.clock.pending, 0);
});

test('close drops every connection at once', async (t) => {
  const setting = await listening(t);
  const client = await setting.session();
  const closed = once(client.stream, 'close');
  setting.listener.close();
  await client.rest();
  client.stream.end();
  await closed;
  assert.equal(setting.listener.isListening, false);
});
