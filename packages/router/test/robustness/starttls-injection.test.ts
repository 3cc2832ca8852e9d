import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { RawClient } from '../listener/raw-client.ts';
import { tlsFixture } from '../support/downstream-options.ts';
import { Arena, ENVELOPE, plainBlob, splits, write } from './arena.ts';

const CERTIFICATE = `tls: { cert: ${tlsFixture('good.pem')}, key: ${tlsFixture('good.key')} }`;

/** TLS as the client on a connection that has heard 220. */
async function secured(client: RawClient): Promise<RawClient<TLSSocket>> {
  client.stream.removeAllListeners('data');
  const socket = connect({
    socket: client.stream,
    ca: readFileSync(tlsFixture('ca.pem')),
    servername: 'localhost',
  });
  const inside = new RawClient(socket);
  await once(socket, 'secureConnect');
  return inside;
}

test('STARTTLS injection: what comes in clear behind STARTTLS is never obeyed, wherever it is cut', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: CERTIFICATE });
  const injected = `STARTTLS\r\nAUTH PLAIN ${plainBlob()}\r\n${ENVELOPE.join('\r\n')}\r\nDATA\r\n`;
  for (const [before, after] of splits(injected).filter((_, at) => at % 3 === 0 || at < 14)) {
    const client = await arena.stranger();
    client.say('EHLO client.example');
    await client.reply();
    await write(client, before, after);
    // Either the injection was seen at once, or it was read as a handshake, which it is not.
    const [reply = '', ...more] = (await client.rest()).split(/(?<=\r\n)/);
    assert.match(reply, /^(?:554 5\.5\.1|220 2\.0\.0) /);
    assert.ok(!more.some((line) => /^\d{3}[ -]/.test(line)), 'no command was answered');
    client.stream.destroy();
  }
  assert.deepEqual(sink.lines, []);
  assert.ok(!arena.router.events.some(({ kind }) => kind === 'authentication-ended'));
});

test('STARTTLS injection: nothing said in clear is true inside of TLS', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: CERTIFICATE });
  const client = await arena.friend();
  client.say('STARTTLS');
  assert.match(await client.reply(), /^220 /);
  const inside = await secured(client);
  inside.say(...ENVELOPE);
  assert.deepEqual(await inside.codes(2), ['503', '503'], 'EHLO is forgotten');
  inside.say('EHLO client.example');
  const extensions = await inside.reply();
  assert.ok(!extensions.includes('STARTTLS') && extensions.includes('AUTH'));
  inside.say(...ENVELOPE, 'STARTTLS');
  assert.deepEqual(await inside.codes(3), ['530', '503', '502'], 'the login is forgotten');
  inside.say(`AUTH PLAIN ${plainBlob()}`, ...ENVELOPE, 'DATA');
  assert.deepEqual(await inside.codes(4), ['235', '250', '250', '354']);
  inside.stream.write('Subject: x\r\n\r\nx\r\n.\r\n');
  assert.equal((await inside.reply()).slice(0, 3), '250');
  assert.equal(sink.mails.length, 1);
  inside.stream.destroy();
});

test('STARTTLS injection: what a downstream adds in clear to its 220 ends the connection before any login', async (t) => {
  const injections = [
    '250-evil\r\n250 AUTH PLAIN\r\n',
    '250',
    '\r\n',
    '220 again\r\n',
    '\0',
    '235 2.7.0 welcome\r\n250 ok\r\n',
  ];
  for (const injection of injections) {
    const raw = `220 2.0.0 go ahead\r\n${injection}`;
    const liar = await Arena.scripted(t, { STARTTLS: { raw } }, { certificate: 'good' });
    const sink = await Arena.sink(t);
    const arena = await Arena.open(t, {
      yaml: [
        `  liar: { addr: "127.0.0.1:${liar.port}", user: login, pass: downstream-secret, tls: starttls, tls_verify: false }`,
        `  honest: { addr: "${sink.addr}" }`,
      ].join('\n'),
    });
    const client = await arena.writer();
    await write(client, 'x\r\n.\r\n');
    assert.match(await client.reply(), /^250 2\.0\.0 Ok: relayed via honest/, JSON.stringify(injection));
    assert.ok(!liar.commands.some((command) => /^(?:AUTH|MAIL)/.test(command)));
  }
});

test('STARTTLS injection: a downstream that takes STARTTLS out of its offer, or refuses it, gets no login', async (t) => {
  const sink = await Arena.sink(t);
  const stripped = await Arena.scripted(t, {}, { keywords: ['AUTH PLAIN LOGIN'] });
  const refusing = await Arena.scripted(t, { STARTTLS: '454 4.7.0 not now' }, { certificate: 'good' });
  const arena = await Arena.open(t, {
    yaml: [
      ...[stripped, refusing].map(
        ({ port }, index) =>
          `  liar${index}: { addr: "127.0.0.1:${port}", user: login, pass: downstream-secret, tls: starttls, tls_verify: false }`,
      ),
      `  honest: { addr: "${sink.addr}" }`,
    ].join('\n'),
  });
  const client = await arena.writer();
  await write(client, 'x\r\n.\r\n');
  assert.match(await client.reply(), /^250 2\.0\.0 Ok: relayed via honest/);
  for (const { commands } of [stripped, refusing]) {
    assert.ok(!commands.some((command) => /^(?:AUTH|MAIL)/.test(command)), commands.join());
  }
});
