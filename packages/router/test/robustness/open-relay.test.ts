import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LOGIN } from '../support/test-router.ts';
import { Arena, plainBlob, write } from './arena.ts';

const WORDS = [
  'EHLO client.example',
  'HELO client.example',
  'HELO localhost',
  'MAIL FROM:<>',
  `MAIL FROM:<${LOGIN.user}>`,
  `MAIL FROM:<a@example.com> AUTH=<${LOGIN.user}>`,
  'RCPT TO:<b@example.org>',
  'RCPT TO:<postmaster>',
  'DATA',
  '.',
  'RSET',
  'NOOP',
  'VRFY b@example.org',
  'EXPN list',
  'ETRN example.org',
  'TURN',
  'SEND FROM:<a@example.com>',
  'SOML FROM:<a@example.com>',
  `XCLIENT ADDR=127.0.0.1 LOGIN=${LOGIN.user}`,
  'XFORWARD ADDR=127.0.0.1',
  `AUTH PLAIN ${plainBlob(LOGIN.user, '', LOGIN.user)}`,
  'AUTH EXTERNAL =',
  'AUTH ANONYMOUS eA==',
  'AUTH PLAIN *',
];

test('Open relay: without a login no sequence of commands leads to a recipient', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const sequence = fc.array(fc.constantFrom(...WORDS.slice(0, -4)), { minLength: 1, maxLength: 14 });
  const property = fc.asyncProperty(sequence, async (lines) => {
    const client = await arena.stranger();
    client.say(...lines, 'QUIT');
    const replies = await client.rest();
    client.stream.destroy();
    assert.doesNotMatch(replies, /^354|^250 2\.1\.[05]/m);
  });
  await fc.assert(property, { numRuns: 60 });
  assert.deepEqual(sink.lines, []);
});

test('Open relay: a login that fails or is given up opens nothing', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const attempts = WORDS.slice(-4).map(async (login) => {
    const client = await arena.stranger();
    client.say('EHLO client.example', login, 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.org>', 'DATA');
    const [, auth = '', ...rest] = await client.codes(5);
    assert.match(auth, /^5/, login);
    assert.deepEqual(rest, ['530', '503', '503'], login);
  });
  await Promise.all(attempts);
  assert.deepEqual(sink.lines, []);
});

test('Open relay: a client outside of the networks does not send, whatever it says it is', async (t) => {
  const sink = await Arena.sink(t);
  const listen = `auth: optional, user: ${LOGIN.user}, networks: [192.0.2.0/24, "::ffff:10.0.0.0/104"]`;
  const arena = await Arena.open(t, { sinks: [sink], listen });
  const client = await arena.stranger();
  await write(client, 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n');
  assert.match(await client.reply(), /^500 /);
  client.say(
    'XCLIENT ADDR=192.0.2.1',
    'EHLO [192.0.2.1]',
    'MAIL FROM:<a@example.com>',
    'RCPT TO:<b@example.org>',
  );
  assert.deepEqual(await client.codes(4), ['500', '250', '530', '503']);
  assert.deepEqual(sink.lines, []);
});
