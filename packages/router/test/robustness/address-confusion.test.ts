import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, splits, write } from './arena.ts';

/** Legal, and dangerous for whoever does more with them than pass them on; one byte a character. */
const PASSED_ON = [
  'a@example.org',
  '"a@example.com"@example.org',
  '"a b"@example.org',
  '"a\\"@evil.example"@example.org',
  '"a, b@evil.example"@example.org',
  '"<b@evil.example>"@example.org',
  '"a;b"@example.org',
  '"\\\\"@example.org',
  '""@example.org',
  'a%evil.example@example.org',
  'evil.example!a@example.org',
  '=?utf-8?q?a=40evil.example=3e?=@example.org',
  '=?utf-7?q?+AD4-?=@example.org',
  '|touch/tmp/x@example.org',
  '-oQ/tmp/@example.org',
  '{id}&a@example.org',
  '`id`@example.org',
  'a@xn--exmple-cua.org',
  'A.B@EXAMPLE.ORG',
  'a@[127.0.0.1]',
  'a@[IPv6:::1]',
];

const REFUSED = [
  'a@example.org,b@example.org',
  'a@example.org b@example.org',
  'a@example.org;b@example.org',
  'a@example.org(comment)',
  'a(comment)@example.org',
  '(comment)a@example.org',
  'a@example.org>@evil.example',
  'a@example.org> <b@evil.example',
  '<a@example.org',
  'a@example.org@evil.example',
  '"a"b@example.org',
  '"a@example.org',
  'a b@example.org',
  'a@exam ple.org',
  'a@example..org',
  'a@.example.org',
  '.a@example.org',
  'a..b@example.org',
  'a.@example.org',
  'a@example.org.',
  'a@-example.org',
  'a@exa_mple.org',
  '@example.org',
  'a@',
  'a',
  'group:a@example.org;',
  'Name <a@example.org>',
  'a@[127.0.0.1',
  'a@[127.0.0.256]',
  'a@\xc3\xbc.example',
  '\xc3\xbc@example.org',
  '\xff@example.org',
  'a\xc0\xae@example.org',
  `${'a'.repeat(65)}@example.org`,
  `a@${'b'.repeat(64)}.org`,
];

test('Address confusion: what is understood reaches the downstream byte for byte, and nobody else', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  for (const address of PASSED_ON) {
    sink.lines.length = 0;
    await write(client, `MAIL FROM:<${address}>\r\nRCPT TO:<${address}>\r\nDATA\r\n`);
    assert.deepEqual(await client.codes(3), ['250', '250', '354'], address);
    await write(client, 'Subject: x\r\n\r\nx\r\n.\r\n');
    assert.match(await client.reply(), /^250 /, address);
    const envelope = sink.lines.filter((line) => /^(?:MAIL|RCPT)/.test(line));
    assert.deepEqual(envelope, [`MAIL FROM:<${address}>`, `RCPT TO:<${address}>`]);
  }
});

test('Address confusion: what is not understood is refused, and opens no transaction', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  for (const address of REFUSED) {
    const client = await arena.friend();
    await write(client, `MAIL FROM:<${address}>\r\n`, 'RCPT TO:<b@example.org>\r\n');
    const [mail = '', rcpt] = await client.codes(2);
    assert.match(mail, /^5/, address);
    assert.equal(rcpt, '503', address);
    await write(client, 'MAIL FROM:<a@example.com>\r\n', `RCPT TO:<${address}>\r\n`, 'DATA\r\n');
    const [, recipient = '', data] = await client.codes(3);
    assert.match(recipient, /^5/, address);
    assert.match(data ?? '', /^5(?:54|03)$/, address);
    client.stream.destroy();
  }
  assert.ok(!sink.lines.some((line) => line.startsWith('RCPT')));
});

test('Address confusion: a path is the same wherever the command is cut', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const command = 'RCPT TO:<"a@evil.example\\""@example.org>\r\n';
  const client = await arena.friend();
  for (const [before, after] of splits(command)) {
    await write(client, `MAIL FROM:<>\r\n${before}`, `${after}DATA\r\n`);
    assert.deepEqual(await client.codes(3), ['250', '250', '354']);
    await write(client, 'x\r\n.\r\n');
    assert.match(await client.reply(), /^250 /);
  }
  const recipients = new Set(sink.mails.flatMap(({ to }) => to));
  const commands = new Set(sink.lines.filter((line) => line.startsWith('RCPT')));
  assert.equal(sink.mails.length, command.length + 1);
  assert.equal(recipients.size, 1);
  assert.deepEqual([...commands], [command.trimEnd()]);
});

test('Address confusion: parameters carry nothing to a downstream that was not understood', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const client = await arena.friend();
  for (const parameters of [
    'X=y',
    'SIZE=1 SIZE=2',
    'SIZE=-1',
    'SIZE=1e3',
    'SIZE=0x10',
    'SIZE=',
    'SIZE=1,2',
    'BODY=BINARYMIME',
    'BODY=8BITMIME;x',
    'AUTH=<>\tX',
    '=1',
    'SIZE=1\x0bX',
  ]) {
    await write(client, `MAIL FROM:<a@example.com> ${parameters}\r\n`);
    assert.match(await client.reply(), /^5/, parameters);
  }
  assert.deepEqual(sink.lines, []);
});
