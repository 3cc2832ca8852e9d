import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ScriptVerb } from '../support/scripted-downstream.ts';
import { Arena, assertOneLine, behind, ENVELOPE, plainBlob, write } from './arena.ts';

const COMMANDS = [
  'EHLO c\r\n',
  'HELO c\r\n',
  `AUTH PLAIN ${plainBlob()}\r\n`,
  'AUTH LOGIN\r\n',
  ...ENVELOPE.map((line) => `${line}\r\n`),
  'DATA\r\n',
  'BDAT 3\r\n',
  'BDAT 0 LAST\r\n',
  'RSET\r\n',
  'Subject: x\r\n\r\n',
  '.\r\n',
  '\r\n',
  '\r',
  '\n',
  '\0',
  '\xff\xfe',
  'PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n',
  '\r\n\r\n\0\r\nQUIT\n',
  '\x16\x03\x01\x02\x00\x01',
];
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...COMMANDS) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  },
);

test('Any bytes of clients, in any pieces, lead to replies and to no fault of ours', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const property = fc.asyncProperty(
    fc.array(piece, { maxLength: 25 }),
    fc.boolean(),
    async (pieces, isFriend) => {
      const client = isFriend ? await arena.friend() : await arena.stranger();
      await write(client, ...pieces);
      client.stream.end();
      const replies = await client.rest();
      assert.match(replies, /^(?:[2-5]\d\d[ -][\x20-\x7e]{0,510}\r\n)*$/);
      client.stream.destroy();
    },
  );
  await fc.assert(property, { numRuns: 150 });
  assert.match(await (await arena.router.client()).send(), /^250 /, 'and the next client is served');
  assert.ok(!arena.router.events.some(({ kind }) => kind === 'internal-fault'));
  for (const line of arena.router.logLines) assertOneLine(line);
});

const REPLIES = [
  '220 hi\r\n',
  '250 ok\r\n',
  '250-',
  '354 go\r\n',
  '421 bye\r\n',
  '5',
  '50 no\r\n',
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
];

test('Any bytes of a downstream, in place of any reply, lead to one reply to the client and to no fault of ours', async (t) => {
  const verbs = fc.constantFrom<ScriptVerb>('connect', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'dot');
  const raw = fc.array(
    fc.oneof(fc.constantFrom(...REPLIES), fc.string({ unit: 'binary-ascii', maxLength: 5 })),
    {
      maxLength: 6,
    },
  );
  // What is no whole reply is waited for; the time-outs of all phases are short.
  const timeouts = ['connect', 'greeting', 'ehlo', 'mail', 'rcpt', 'data', 'dot'].map(
    (phase) => `${phase}: 100ms`,
  );
  const property = fc.asyncProperty(verbs, raw, async (verb, parts) => {
    const liar = await Arena.scripted(t, { [verb]: { raw: parts.join('') } });
    const sink = await Arena.sink(t);
    const arena = await Arena.open(t, {
      sinks: [behind(liar), sink],
      yaml: `timeouts: { ${timeouts.join(', ')} }`,
    });
    const client = await arena.writer();
    await write(client, 'Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n');
    const [reply = '', goodbye = '', ...more] = (await client.rest()).split(/(?<=\r\n)/);
    assert.match(reply, /^[245]\d\d [245]\.\d+\.\d+ [\x20-\x7e]+\r\n$/);
    assert.match(goodbye, /^221 /);
    assert.deepEqual(more, []);
    if (reply.includes('relayed via two')) assert.equal(sink.mails.length, 1);
    assert.ok(sink.mails.length <= 1);
    assert.ok(!arena.router.events.some(({ kind }) => kind === 'internal-fault'));
    client.stream.destroy();
  });
  await fc.assert(property, { numRuns: 30 });
});
