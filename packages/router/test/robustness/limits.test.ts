import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, ENVELOPE, splits, write } from './arena.ts';

const CLASS = 'Size, line, recipients, headers, Received loops';
const LIMITS = 'limits: { message_size: 2KB, recipients: 3 }';

test(`${CLASS}: a size that is declared or sent beyond the limit is refused, and the session goes on`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: LIMITS });
  const client = await arena.friend();
  for (const size of ['2001', '99999999999999999999']) {
    assert.equal(await client.ask(`MAIL FROM:<a@example.com> SIZE=${size}`), '552');
  }
  for (const size of ['1'.repeat(21), '-1', '+1', '1.5', '0x1', '٣']) {
    assert.match(await client.ask(`MAIL FROM:<a@example.com> SIZE=${size}`), /^5/);
  }
  for (const declared of ['', ' SIZE=10']) {
    client.say(`MAIL FROM:<a@example.com>${declared}`, 'RCPT TO:<b@example.org>', 'DATA');
    await client.codes(3);
    await write(client, 'x'.repeat(5_000), '\r\nMAIL FROM:<evil@example.com>\r\n.\r\nNOOP\r\n');
    assert.deepEqual(await client.codes(2), ['552', '250']);
  }
  assert.deepEqual(sink.mails, []);
});

test(`${CLASS}: exactly the allowed size is taken, one byte more is not, wherever it is cut`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: LIMITS });
  const client = await arena.friend();
  for (const [length, code] of [
    [1_998, '250'],
    [1_999, '552'],
  ] as const) {
    for (const [before, after] of splits('\r\n.\r\n')) {
      client.say(...ENVELOPE, 'DATA');
      await client.codes(3);
      await write(client, `${'x'.repeat(length)}${before}`, after);
      assert.equal((await client.reply()).slice(0, 3), code);
    }
  }
});

test(`${CLASS}: a command line has 4 KiB and AUTH 12 KiB; more is refused whole and not run`, async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const client = await arena.friend();
  const line = (length: number) => `NOOP ${'x'.repeat(length - 'NOOP \r\n'.length)}`;
  assert.equal(await client.ask(line(4_096)), '250');
  assert.equal(await client.ask(line(4_097)), '500');
  assert.equal(await client.ask(`QUIT${' '.repeat(4_093)}`), '500');
  assert.equal(await client.ask(`RSET ${'x'.repeat(20_000)}\r\nNOOP`), '500');
  assert.equal(await client.reply().then((reply) => reply.slice(0, 3)), '250');
  const stranger = await arena.stranger();
  stranger.say('EHLO client.example', `AUTH PLAIN ${'A'.repeat(12_288)}`, 'MAIL FROM:<a@example.com>');
  assert.deepEqual(await stranger.codes(3), ['250', '500', '530']);
});

test(`${CLASS}: a command line without end ends the session, and one that drips is not kept`, async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const client = await arena.stranger();
  for (let sent = 0; sent < 80; sent += 1) await write(client, 'x'.repeat(1_000));
  assert.match(await client.rest(), /^500 5\.5\.6 [^\r]*\r\n$/);
});

test(`${CLASS}: recipients beyond the limit are told to come again, those before it are served`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], yaml: LIMITS });
  const client = await arena.friend();
  const recipients = Array.from({ length: 500 }, (_, index) => `RCPT TO:<b${index}@example.org>`);
  client.say('MAIL FROM:<a@example.com>', ...recipients);
  const codes = await client.codes(501);
  assert.deepEqual(codes.slice(0, 5), ['250', '250', '250', '250', '452']);
  assert.deepEqual([...new Set(codes.slice(4))], ['452']);
  const again = await arena.friend();
  again.say('MAIL FROM:<a@example.com>', ...recipients.slice(0, 4), 'DATA');
  assert.deepEqual(await again.codes(6), ['250', '250', '250', '250', '452', '354']);
  await write(again, 'x\r\n.\r\n');
  assert.equal((await again.reply()).slice(0, 3), '250');
  assert.deepEqual(sink.mails.at(-1)?.to, ['b0@example.org', 'b1@example.org', 'b2@example.org']);
});

test(`${CLASS}: headers and lines of any length pass through unread beyond 64 KiB`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const contents = [
    `Subject: ${'x'.repeat(300_000)}\r\n\r\nx\r\n`,
    `${'X-Many: 1\r\n'.repeat(20_000)}\r\nx\r\n`,
    `Subject: x\r\n${' folded\r\n'.repeat(20_000)}\r\nx\r\n`,
    ':\r\n:\r\n\r\n',
    '\r\n'.repeat(5_000),
  ];
  for (const content of contents) {
    const client = await arena.writer();
    await write(client, content, '.\r\n');
    assert.equal((await client.reply()).slice(0, 3), '250');
    assert.ok(sink.mails.at(-1)?.content.endsWith(content), content.slice(0, 20));
  }
});

test(`${CLASS}: more than 100 Received fields are a loop, however they are written`, async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  for (const [field, count, code] of [
    ['Received: by x; date\r\n', 100, '250'],
    ['Received: by x; date\r\n', 101, '554'],
    ['rEcEiVeD:\r\n', 101, '554'],
    ['Received : by x\r\n', 101, '554'],
    ['Received: by x\r\n folded\r\n', 101, '554'],
  ] as const) {
    client.say(...ENVELOPE, 'DATA');
    await client.codes(3);
    await write(client, field.repeat(count), '\r\nx\r\n.\r\n');
    assert.equal((await client.reply()).slice(0, 3), code, field);
  }
  assert.equal(sink.mails.length, 1);
});

test(`${CLASS}: a client that does nothing but make mistakes is sent away`, async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const client = await arena.stranger();
  client.say(...Array.from({ length: 1_000 }, () => 'NONSENSE'));
  const replies = (await client.rest()).trimEnd().split('\r\n');
  assert.equal(replies.length, 20);
  assert.match(replies.at(-1) ?? '', /^421 4\.7\.0 /);
});
