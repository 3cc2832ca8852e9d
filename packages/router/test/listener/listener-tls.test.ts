import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { EventHub } from '../../src/events/event-hub.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { AddressSlots } from '../../src/listener/address-slots.ts';
import { ConnectionSlots } from '../../src/listener/connection-slots.ts';
import type { ListenerOptions } from '../../src/listener/listener-options.ts';
import { NetworkList } from '../../src/listener/network-list.ts';
import type { ConnectionFacts } from '../../src/listener/session-handler.ts';
import { SmtpListener } from '../../src/listener/smtp-listener.ts';
import { TlsMaterial } from '../../src/listener/tls-material.ts';
import { tlsFixture } from '../support/downstream-options.ts';
import { TestClock } from '../test-clock.ts';
import { RawClient } from './raw-client.ts';
import { RecordingHandler } from './recording-handler.ts';

const CLIENT_TLS_MS = 30_000;
const CA = readFileSync(tlsFixture('ca.pem'));
const MATERIAL = new TlsMaterial({
  files: { certFile: tlsFixture('good.pem'), keyFile: tlsFixture('good.key') },
  events: { emit() {} },
  clock: new TestClock(),
});
await MATERIAL.load();
const TRUST: ConnectionOptions = { ca: CA, servername: 'localhost' };

type Mode = 'starttls' | 'implicit';

/** A listener with TLS on a free port, closed at the end of the test. */
class Setting {
  readonly clock = new TestClock();
  readonly hub = new EventHub();
  readonly events: RouterEvent[] = [];
  readonly facts: ConnectionFacts[] = [];
  readonly handlers: RecordingHandler[] = [];
  readonly slots = new ConnectionSlots(100);
  readonly listener: SmtpListener;
  readonly clients: { destroy(): void }[] = [];
  port = 0;

  constructor(mode: Mode, options: Partial<ListenerOptions> = {}) {
    this.hub.subscribe({ emit: (event) => this.events.push(event) });
    this.listener = new SmtpListener(
      {
        host: '127.0.0.1',
        port: 0,
        slots: this.slots,
        connection: {
          session: {
            hostname: 'router.example.com',
            auth: ['PLAIN'],
            isAuthOnlyWithTls: true,
            isTls: mode === 'implicit',
            isStartTlsOffered: mode === 'starttls',
            isChunkingOffered: true,
          },
          timeouts: {
            clientCommandMs: 300_000,
            clientDataMs: 180_000,
            clientTlsMs: CLIENT_TLS_MS,
            transactionMs: 1_800_000,
          },
          tls: { isImplicit: mode === 'implicit', material: MATERIAL },
        },
        nextSessionId: () => `s${this.facts.length + 1}`,
        clock: this.clock,
        ...options,
      },
      (facts) => {
        this.facts.push(facts);
        const handler = new RecordingHandler();
        this.handlers.push(handler);
        return handler;
      },
      this.hub,
    );
  }

  get handler(): RecordingHandler {
    const handler = this.handlers.at(-1);
    assert.ok(handler !== undefined);
    return handler;
  }

  /** A TCP connection on which nothing has been said. */
  async dial(): Promise<Socket> {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.clients.push(socket.on('error', () => {}));
    await once(socket, 'connect');
    return socket;
  }

  /** Connected, greeted, EHLO and STARTTLS said, 220 heard; nothing reads the socket any more. */
  async readyForTls(before: readonly string[] = []): Promise<Socket> {
    const socket = await this.dial();
    const client = new RawClient(socket);
    assert.match(await client.reply(), /^220 /);
    assert.match(await client.ask('EHLO first'), /^250/);
    for (const line of before) assert.match(await client.ask(line), /^2/);
    assert.equal(await client.ask('STARTTLS'), '220');
    socket.removeAllListeners('data').pause();
    return socket;
  }

  /** Settles with the first event of a kind, past or future. */
  until<Kind extends RouterEvent['kind']>(kind: Kind): Promise<RouterEvent & { readonly kind: Kind }> {
    type Event = RouterEvent & { readonly kind: Kind };
    const past = this.events.find((event): event is Event => event.kind === kind);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      const leave = this.hub.subscribe({
        emit(event) {
          if (event.kind !== kind) return;
          leave();
          resolve(event as Event);
        },
      });
    });
  }
}

async function listening(t: TestContext, mode: Mode, options?: Partial<ListenerOptions>): Promise<Setting> {
  const setting = new Setting(mode, options);
  t.after(() => {
    for (const client of setting.clients) client.destroy();
    setting.listener.close();
  });
  setting.port = (await setting.listener.listen()).port;
  return setting;
}

/** Makes TLS as a client on a connected socket. */
async function secured(socket: Duplex, options: ConnectionOptions = {}): Promise<RawClient<TLSSocket>> {
  const tls = connectTls({ socket, ...TRUST, ...options });
  const client = new RawClient(tls);
  await once(tls, 'secureConnect');
  assert.equal(tls.authorized, true);
  return client;
}

const ENVELOPE = ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA'];

/** A whole message, whose bytes must all arrive. */
async function sendMessage(
  client: RawClient<TLSSocket>,
  handler: RecordingHandler,
  lines = 10,
): Promise<void> {
  client.say(...ENVELOPE);
  assert.deepEqual(await client.codes(3), ['250', '250', '354']);
  const content = 'x'.repeat(70).concat('\r\n').repeat(lines);
  client.stream.write(`${content}.\r\n`);
  assert.equal((await client.reply()).slice(0, 3), '250');
  assert.equal(handler.contentBytes, content.length);
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`STARTTLS with ${version}: the session begins anew and mail goes through`, async (t) => {
    const setting = await listening(t, 'starttls');
    const client = await secured(await setting.readyForTls(), { minVersion: version, maxVersion: version });
    assert.equal(client.stream.getProtocol(), version);
    assert.equal(await client.ask('MAIL FROM:<a@example.com>'), '503', 'EHLO is due again');
    client.say('EHLO second');
    const offer = await client.reply();
    assert.match(offer, /AUTH PLAIN/);
    assert.doesNotMatch(offer, /STARTTLS/);
    assert.equal(await client.ask('STARTTLS'), '502');
    assert.equal(await client.ask('AUTH PLAIN AGEAYg=='), '235');
    await sendMessage(client, setting.handler, 50_000);
    assert.equal(await client.ask('QUIT'), '221');
    client.stream.end();
    assert.equal((await setting.until('session-closed')).reason, 'quit');
    assert.deepEqual(setting.handler.calls.slice(0, 4), [
      'hello first',
      'tlsStarted',
      'protocolError SMTP_COMMAND_SEQUENCE',
      'hello second',
    ]);
    assert.equal(setting.slots.taken, 0);
  });
}

test('Implicit TLS: the greeting comes inside, and a peer that closes its side still hears the reply', async (t) => {
  const setting = await listening(t, 'implicit');
  const client = await secured(await setting.dial());
  assert.match(await client.reply(), /^220 router\.example\.com/);
  assert.equal(setting.facts[0]?.isTls, true);
  client.say('EHLO c');
  assert.match(await client.reply(), /AUTH PLAIN/);
  await sendMessage(client, setting.handler);
  client.stream.end('NOOP\r\n');
  assert.match(await client.rest(), /^250 /);
  await setting.until('session-closed');
});

test('AUTH in clear is answered 538 where it needs TLS', async (t) => {
  const setting = await listening(t, 'starttls');
  const client = new RawClient(await setting.dial());
  await client.reply();
  client.say('EHLO c');
  assert.doesNotMatch(await client.reply(), /AUTH/);
  assert.equal(await client.ask('AUTH PLAIN AGEAYg=='), '538');
});

test('STARTTLS injection: whatever comes with STARTTLS, however it is cut, is never obeyed', async (t) => {
  const setting = await listening(t, 'starttls');
  const attack = Buffer.from('STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@example.com>\r\n');
  const starttls = 'STARTTLS\r\n'.length;
  for (let cut = 1; cut <= starttls; cut += 1) {
    const socket = await setting.dial();
    const client = new RawClient(socket);
    await client.reply();
    assert.match(await client.ask('EHLO first'), /^250/);
    socket.write(attack.subarray(0, cut));
    socket.write(attack.subarray(cut));
    assert.match(await client.rest(), /^(220 .*\r\n)?(554 5\.5\.1 .*\r\n)?$/);
    socket.end();
    await setting.handler.called('closed');
    assert.equal(setting.handler.calls[0], 'hello first');
    assert.ok(!setting.handler.calls.some((call) => /evil|mail|tlsStarted/.test(call)), `cut at ${cut}`);
  }
  assert.ok(!setting.events.some(({ kind }) => kind === 'internal-fault'));
});

test('STARTTLS injection: commands held back behind an open question end the session', async (t) => {
  const setting = await listening(t, 'starttls');
  const socket = await setting.dial();
  const client = new RawClient(socket);
  await client.reply();
  client.say('EHLO first');
  await client.reply();
  const { promise, resolve } = Promise.withResolvers<{ code: number; lines: string[] }>();
  setting.handler.answers.mail = () => promise;
  client.say('MAIL FROM:<a@example.com>', 'RSET', 'STARTTLS');
  await setting.handler.called('mail');
  const before = socket.bytesWritten;
  client.say('EHLO evil');
  await new Promise((done) => setImmediate(done));
  assert.ok(socket.bytesWritten > before);
  resolve({ code: 250, lines: ['Ok'] });
  const said = await client.rest();
  assert.match(said, /^250 Ok\r\n250 .*\r\n220 .*\r\n(554 5\.5\.1 .*\r\n)?$/);
  assert.ok(!setting.handler.calls.includes('hello evil'));
  assert.ok(!setting.handler.calls.includes('tlsStarted'));
});

test('a client that speaks no TLS, or an old one, is reported and dropped without a word', async (t) => {
  const setting = await listening(t, 'implicit');
  const plain = new RawClient(await setting.dial());
  plain.say('EHLO plain');
  assert.doesNotMatch(await plain.rest(), /220/);
  assert.match((await setting.until('session-closed')).reason, /^tls failed: ERR_SSL_/);
  assert.deepEqual(setting.handler.calls[0], 'protocolError ROUTER_CLIENT_TLS_FAILED');

  const old = connectTls({
    socket: await setting.dial(),
    ...TRUST,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const [error] = await once(old, 'error');
  assert.match(String(error), /alert protocol version|unsupported protocol|no protocols/i);
  assert.equal(setting.listener.connectionCount, 0);
});

test('a client that closes before it says anything is no fault', async (t) => {
  const setting = await listening(t, 'implicit');
  (await setting.dial()).end();
  assert.equal((await setting.until('session-closed')).reason, 'peer-gone');
  assert.deepEqual(setting.handler.calls, ['closed peer-gone']);
});

for (const mode of ['implicit', 'starttls'] as const) {
  test(`a handshake that does not end is cut after client_tls (${mode})`, async (t) => {
    const setting = await listening(t, mode);
    const socket = mode === 'implicit' ? await setting.dial() : await setting.readyForTls();
    await setting.until('session-opened');
    socket.write(Buffer.from('16030100', 'hex'));
    await new Promise((resolve) => setImmediate(resolve));
    setting.clock.advance(CLIENT_TLS_MS - 1);
    assert.equal(setting.listener.connectionCount, 1);
    setting.clock.advance(1);
    assert.equal((await setting.until('session-closed')).reason, 'tls failed: timeout');
    assert.equal(setting.clock.pending, 0);
  });

  test(`a client that closes in the middle of the handshake is gone (${mode})`, async (t) => {
    const setting = await listening(t, mode);
    const socket = mode === 'implicit' ? await setting.dial() : await setting.readyForTls();
    socket.end(Buffer.from('16030100', 'hex'));
    assert.match((await setting.until('session-closed')).reason, /^tls failed: /);
    assert.equal(setting.slots.taken, 0);
  });
}

test('bytes that are no TLS inside of an established session end it', async (t) => {
  const setting = await listening(t, 'implicit');
  const socket = await setting.dial();
  const [cipherSide, wireSide] = duplexPair();
  wireSide.pipe(socket).pipe(wireSide);
  const client = await secured(cipherSide);
  await client.reply();
  assert.equal(await client.ask('EHLO c'), '250');
  socket.write('MAIL FROM:<evil@example.com>\r\n');
  assert.match((await setting.until('session-closed')).reason, /^socket error ERR_SSL_/);
  assert.deepEqual(setting.handler.calls.slice(0, 1), ['hello c']);
  assert.ok(!setting.handler.calls.includes('mail'));
});

for (const mode of ['starttls', 'implicit'] as const) {
  test(`BDAT abuse: TLS that is closed in the middle of a chunk, with bytes in clear behind it, kills the transaction (${mode})`, async (t) => {
    const setting = await listening(t, mode);
    const socket = mode === 'starttls' ? await setting.readyForTls() : await setting.dial();
    const [cipherSide, wireSide] = duplexPair();
    wireSide.pipe(socket, { end: false });
    socket.pipe(wireSide);
    const client = await secured(cipherSide);
    if (mode === 'implicit') await client.reply();
    client.say('EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>');
    assert.deepEqual(await client.codes(3), ['250', '250', '250']);
    client.stream.write('BDAT 100 LAST\r\nhalf');
    await setting.handler.received(4);
    client.stream.end();
    await once(wireSide, 'end');
    socket.write(`${'x'.repeat(96)}MAIL FROM:<evil@example.com>\r\n`);
    await setting.until('session-closed');
    assert.equal(setting.handler.contentBytes, 4);
    assert.equal(setting.handler.calls.includes('contentEnd'), false);
    assert.deepEqual(
      setting.handler.calls.filter((call) => call === 'mail'),
      ['mail'],
    );
  });
}

test('a client cannot make a session negotiate again', async (t) => {
  const setting = await listening(t, 'implicit');
  const client = await secured(await setting.dial(), { maxVersion: 'TLSv1.2' });
  await client.reply();
  const answer = Promise.withResolvers<Error | null>();
  client.stream.renegotiate({}, answer.resolve);
  client.stream.on('error', answer.resolve);
  assert.match(String(await answer.promise), /no renegotiation/i);
});

test('during a drain a client in the handshake hears 421 once it is done', async (t) => {
  const setting = await listening(t, 'starttls');
  const socket = await setting.readyForTls();
  const drained = setting.listener.drain(60_000);
  const client = await secured(socket);
  assert.match(await client.reply(), /^421 4\.3\.2 /);
  client.stream.end();
  await drained;
});

test('a new certificate is shown to new sessions, open ones go on with theirs', async (t) => {
  let { secureContext } = MATERIAL;
  const material = {
    get secureContext() {
      return secureContext;
    },
  };
  const setting = await listening(t, 'implicit', {
    connection: {
      session: { hostname: 'router.example.com', isTls: true },
      timeouts: { clientCommandMs: 1e6, clientDataMs: 1e6, clientTlsMs: 1e6, transactionMs: 1e6 },
      tls: { isImplicit: true, material },
    },
  });
  const before = await secured(await setting.dial());
  await before.reply();
  secureContext = createSecureContext({
    cert: readFileSync(tlsFixture('self-signed.pem')),
    key: readFileSync(tlsFixture('self-signed.key')),
  });
  const after = await secured(await setting.dial(), { ca: readFileSync(tlsFixture('self-signed.pem')) });
  assert.match(await after.reply(), /^220 /);
  assert.equal(after.stream.getPeerCertificate().issuer.CN, 'localhost');
  assert.equal(before.stream.getPeerCertificate().issuer.CN, 'smtp-router test authority');
  assert.equal(await before.ask('NOOP'), '250');
});

const BALANCER = new NetworkList(['127.0.0.1']);
const HEADER = 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n';
const HEADER_V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc040019', 'hex');

for (const [name, header] of [
  ['version 1', Buffer.from(HEADER)],
  ['version 2', HEADER_V2],
] as const) {
  test(`PROXY protocol ${name}: the session is that of the client, and what follows is read`, async (t) => {
    const setting = await listening(t, 'starttls', { balancers: BALANCER });
    const socket = await setting.dial();
    const client = new RawClient(socket);
    socket.write(Buffer.concat([header, Buffer.from('EHLO early\r\n')]));
    assert.deepEqual(await client.codes(2), ['220', '250']);
    assert.equal(setting.facts[0]?.clientAddress, '192.0.2.7');
    assert.equal((await setting.until('session-opened')).clientAddress, '192.0.2.7');
    assert.equal(await client.ask('STARTTLS'), '220');
  });

  test(`PROXY protocol ${name} stands in front of implicit TLS, in one piece with the handshake or not`, async (t) => {
    const setting = await listening(t, 'implicit', { balancers: BALANCER });
    for (const isCorked of [true, false]) {
      const socket = await setting.dial();
      if (isCorked) socket.cork();
      socket.write(header);
      const client = secured(socket);
      if (isCorked) setImmediate(() => socket.uncork());
      assert.match(await (await client).reply(), /^220 /);
      assert.equal(setting.facts.at(-1)?.clientAddress, '192.0.2.7');
      assert.equal(setting.facts.at(-1)?.isTls, true);
    }
  });
}

test('PROXY protocol: a balancer that sends no header is cut off, with a reason in the log', async (t) => {
  const setting = await listening(t, 'starttls', { balancers: BALANCER });
  const client = new RawClient(await setting.dial());
  client.say('EHLO client');
  assert.equal(await client.rest(), '');
  const { reason, message } = await setting.until('session-refused');
  assert.equal(reason, 'bad-proxy-header');
  assert.match(message ?? '', /does not begin with a PROXY header/);
  assert.equal(setting.slots.taken, 0);
});

test('PROXY protocol: a header of anybody else is an unknown command', async (t) => {
  const setting = await listening(t, 'starttls', { balancers: new NetworkList(['192.0.2.0/24']) });
  const client = new RawClient(await setting.dial());
  await client.reply();
  client.stream.write(HEADER);
  assert.equal((await client.reply()).slice(0, 3), '500');
  assert.equal(setting.facts[0]?.clientAddress, '127.0.0.1');
});

test('PROXY protocol: a header that does not come holds a drain up no longer, nor its slot', async (t) => {
  const setting = await listening(t, 'starttls', { balancers: BALANCER });
  const socket = await setting.dial();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write('PROXY');
  while (setting.slots.taken === 0) await new Promise((resolve) => setImmediate(resolve));
  await setting.listener.drain(60_000);
  socket.resume().end();
  await closed;
  while (setting.slots.taken > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(setting.facts.length, 0);
});

/** A client behind the balancer, by its own address. */
async function proxied(setting: Setting, address: string): Promise<RawClient> {
  const socket = await setting.dial();
  socket.write(`PROXY TCP4 ${address} 198.51.100.1 56324 25\r\n`);
  return new RawClient(socket);
}

test('connections_per_address: the next one hears 421, another address does not', async (t) => {
  const setting = await listening(t, 'starttls', { balancers: BALANCER, addressSlots: new AddressSlots(2) });
  const first = await proxied(setting, '192.0.2.7');
  assert.match(await first.reply(), /^220 /);
  assert.match(await (await proxied(setting, '192.0.2.7')).reply(), /^220 /);
  const third = await proxied(setting, '192.0.2.7');
  assert.match(await third.reply(), /^421 4\.7\.0 .* from your address/);
  assert.equal(await third.rest(), '');
  assert.equal((await setting.until('session-refused')).reason, 'too-many-from-address');
  assert.match(await (await proxied(setting, '192.0.2.8')).reply(), /^220 /);
  assert.equal(setting.slots.taken, 3);
  first.stream.destroy();
  await setting.until('session-closed');
  assert.match(await (await proxied(setting, '192.0.2.7')).reply(), /^220 /);
});

test('connections_per_address: a login gives the slot back, a refused one does not', async (t) => {
  const setting = await listening(t, 'implicit', { balancers: BALANCER, addressSlots: new AddressSlots(1) });
  const socket = await setting.dial();
  socket.write(HEADER);
  const first = await secured(socket);
  await first.reply();
  first.say('EHLO c');
  await first.reply();
  setting.handler.answers.auth = () => ({ code: 535, lines: ['No'] });
  assert.equal(await first.ask('AUTH PLAIN AGEAYg=='), '535');
  const refused = await proxied(setting, '192.0.2.7');
  assert.equal(await refused.rest(), '', 'no word in clear where TLS is due');
  setting.handler.answers.auth = () => ({ code: 235, lines: ['Yes'] });
  assert.equal(await first.ask('AUTH PLAIN AGEAYg=='), '235');
  const next = await setting.dial();
  next.write(HEADER);
  assert.match(await (await secured(next)).reply(), /^220 /);
});
