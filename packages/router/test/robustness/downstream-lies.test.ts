import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Script } from '../support/scripted-downstream.ts';
import { Arena, assertOneLine, behind, write } from './arena.ts';

const CLASS = 'Downstream lies';
const ONE_CLEAN_REPLY = /^[245]\d\d(?: [245]\.\d{1,3}\.\d{1,3})? [\x20-\x7e]{0,500}\r\n$/;

/** Replies before the final dot that are none, each instead of an honest one. */
const NO_REPLIES: Readonly<Record<string, string>> = {
  'letters in the code': '2a0 ok\r\n',
  'a code of two digits': '25 ok\r\n',
  'a code of four digits': '2500 ok\r\n',
  'a code that does not exist': '999 ok\r\n',
  'a code below 200': '150 ok\r\n',
  'lines with different codes': '250-ok\r\n550 no\r\n',
  'a bare LF': '250 ok\n',
  'a bare CR': '250 ok\r250 ok\r\n',
  'a reply within a reply': '250-ok\n250 ok\r\n',
  '101 lines': `${'250-x\r\n'.repeat(100)}250 x\r\n`,
  'more than 64 KiB in a line': `250 ${'x'.repeat(65_536)}\r\n`,
  'a line without end': `250-${'x'.repeat(200_000)}`,
  'an empty line': '\r\n',
  NULs: '\0\0\0\0\r\n',
};

for (const [name, raw] of Object.entries(NO_REPLIES)) {
  test(`${CLASS}: ${name} at any point before the dot, and the next downstream gets the message once`, async (t) => {
    for (const verb of ['connect', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const) {
      const liar = await Arena.scripted(t, { [verb]: { raw } });
      const sink = await Arena.sink(t);
      const arena = await Arena.open(t, { sinks: [behind(liar), sink] });
      const client = await arena.writer();
      await write(client, 'Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n');
      assert.match(await client.reply(), /^250 2\.0\.0 Ok: relayed via two/, verb);
      assert.equal(sink.mails.length, 1);
      assert.deepEqual(liar.contents, []);
    }
  });

  test(`${CLASS}: ${name} after the dot is no answer: 451, and nobody else gets the message`, async (t) => {
    const liar = await Arena.scripted(t, { dot: { raw } });
    const sink = await Arena.sink(t);
    const arena = await Arena.open(t, { sinks: [behind(liar), sink] });
    const client = await arena.writer();
    await write(client, 'Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n');
    assert.match(await client.rest(), /^451 4\.\d\.\d [\x20-\x7e]+\r\n221 [\x20-\x7e]+\r\n$/);
    assert.deepEqual(sink.mails, []);
  });
}

test(`${CLASS}: words of a downstream reach the client printable, on one line and cut`, async (t) => {
  const words = [
    '\u001b[2J\u0007\u0000',
    'caf\u00e9 \u2028 \u0085 \u202e',
    'x'.repeat(2_000),
    '%s%n {{x}} <script>',
    '',
  ];
  for (const text of words) {
    const scripts: readonly Script[] = [
      { dot: `250 2.0.0 ${text}` },
      { dot: `550-5.7.1 ${text}\r\n550 5.7.1 221 bye` },
      { RCPT: `451 4.2.0 ${text}` },
    ];
    for (const script of scripts) {
      const liar = await Arena.scripted(t, script);
      const arena = await Arena.open(t, { sinks: [behind(liar)] });
      const client = await arena.writer();
      await write(client, 'x\r\n.\r\n');
      client.stream.end('QUIT\r\n');
      const [reply, goodbye, ...more] = (await client.rest()).split(/(?<=\r\n)/);
      assert.match(reply ?? '', ONE_CLEAN_REPLY);
      assert.match(goodbye ?? '', /^221 /);
      assert.deepEqual(more, []);
      for (const line of arena.router.logLines) assertOneLine(line);
    }
  }
});

test(`${CLASS}: an answer before it was asked for is no answer`, async (t) => {
  const early: Readonly<Record<string, Script>> = {
    'greeting with more behind it': { connect: '220 hi\r\n250 ehlo\r\n250 mail\r\n250 rcpt\r\n354 data' },
    'MAIL answered for RCPT too': { MAIL: '250 ok\r\n250 ok\r\n354 go\r\n250 taken' },
    'the dot answered with 354': { DATA: '354 go\r\n250 2.0.0 taken already' },
  };
  for (const [name, script] of Object.entries(early)) {
    const liar = await Arena.scripted(t, script);
    const sink = await Arena.sink(t);
    const arena = await Arena.open(t, { sinks: [behind(liar), sink] });
    const client = await arena.writer();
    await write(client, 'Subject: x\r\n\r\nx\r\n.\r\n');
    assert.match(await client.reply(), /^250 2\.0\.0 Ok: relayed via two/, name);
    assert.equal(sink.mails.length, 1, name);
  }
});

test(`${CLASS}: capabilities that are nonsense are no capabilities`, async (t) => {
  const keywords = [
    'SIZE -1',
    'SIZE 99999999999999999999999',
    '8BITMIME\t',
    '',
    'AUTH',
    'X'.repeat(5_000),
    'PIPELINING x',
  ];
  const liar = await Arena.scripted(t, {}, { keywords });
  const arena = await Arena.open(t, { sinks: [behind(liar)] });
  const client = await arena.writer();
  await write(client, 'Subject: x\r\n\r\nx\r\n.\r\n');
  assert.match(await client.reply(), /^250 /);
  assert.equal(liar.contents.length, 1);
});
