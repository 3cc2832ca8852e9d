import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawClient } from '../listener/raw-client.ts';
import { Arena, write } from './arena.ts';

const CLASS = 'Slowloris, many connections, no-read clients';

/** One byte every few milliseconds until the connection ends; answers what the router said meanwhile. */
async function drip(client: RawClient): Promise<string> {
  const timer = setInterval(() => client.stream.write('x'), 5);
  try {
    return await client.rest();
  } finally {
    clearInterval(timer);
    client.stream.destroy();
  }
}

test(`${CLASS}: a command that drips ends with client_command, bytes or not`, async (t) => {
  const arena = await Arena.open(t, {
    sinks: [await Arena.sink(t)],
    yaml: 'timeouts: { client_command: 100ms }',
  });
  for (const begin of ['', 'E', 'EHLO client.example\r\nAUTH LOGIN\r\n', 'EHLO c\r\nBDAT 1000000\r\n']) {
    const client = await arena.stranger();
    await write(client, begin);
    assert.match(await drip(client), /421 4\.4\.2 [^\r]*\r\n$/);
  }
});

test(`${CLASS}: content that drips ends with the transaction, and is no message`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: 'timeouts: { transaction: 200ms }' });
  for (const begin of ['DATA\r\nSubject: x', 'BDAT 1000000 LAST\r\nx']) {
    const client = await arena.friend();
    await write(client, `MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\n${begin}`);
    assert.match(await drip(client), /421 4\.4\.2 [^\r]*\r\n$/);
  }
  assert.deepEqual(sink.lines, []);
});

test(`${CLASS}: content that stops ends with client_data`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: 'timeouts: { client_data: 100ms }' });
  const client = await arena.writer();
  await write(client, 'Subject: x\r\n');
  assert.match(await client.rest(), /^421 4\.4\.2 [^\r]*\r\n$/);
  assert.deepEqual(sink.lines, []);
});

test(`${CLASS}: beyond the limit a connection hears 421 at once, those that are open are served`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: 'limits: { connections: 3 }' });
  const open = [await arena.friend(), await arena.stranger(), await arena.stranger()];
  const turnedAway = await arena.stranger();
  assert.equal(await turnedAway.rest(), '', 'nothing but the 421 that stood for the greeting');
  const [friend] = open;
  friend?.say('MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.org>', 'DATA');
  assert.deepEqual(await friend?.codes(3), ['250', '250', '354']);
  friend?.say('x', '.');
  assert.deepEqual(await friend?.codes(1), ['250']);
});

test(`${CLASS}: nothing more is read from a client that does not read, and others are served`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const deaf = await arena.stranger();
  deaf.stream.pause();
  deaf.stream.write('EHLO client.example\r\n'.repeat(1_000_000));
  const honest = await arena.router.client();
  for (let sent = 0; sent < 20; sent += 1) assert.match(await honest.send(), /^250 /);
  honest.drop();
  assert.ok(deaf.stream.writableLength > 0, 'the flood waits in the client');
  deaf.stream.destroy();
});
