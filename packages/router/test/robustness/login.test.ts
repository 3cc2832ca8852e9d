import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword } from '../../src/submission/password-hash.ts';
import { LOGIN } from '../support/test-router.ts';
import { Arena, plainBlob, splits, write } from './arena.ts';

test('AUTH before TLS, brute force, timing, authzid: in clear text nothing is offered and no login is read', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink], listen: 'allow_plaintext_auth: false' });
  const client = await arena.stranger();
  client.say('EHLO client.example');
  assert.doesNotMatch(await client.reply(), /AUTH/);
  client.say(`AUTH PLAIN ${plainBlob()}`, 'AUTH PLAIN', 'AUTH LOGIN', 'MAIL FROM:<a@example.com>');
  assert.deepEqual(await client.codes(4), ['538', '538', '538', '550']);
  assert.ok(!arena.router.events.some(({ kind }) => kind === 'authentication-ended'));
});

test('AUTH before TLS, brute force, timing, authzid: the third failure ends the connection', async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const client = await arena.stranger();
  const guess = `AUTH PLAIN ${plainBlob(LOGIN.user, 'wrong')}`;
  client.say(
    'EHLO client.example',
    guess,
    guess,
    guess,
    `AUTH PLAIN ${plainBlob()}`,
    ...['MAIL FROM:<a@b.example>'],
  );
  const [, ...refusals] = (await client.rest()).split(/^250 .*\r\n/m);
  const codes = refusals
    .join('')
    .split('\r\n')
    .map((line) => line.slice(0, 9));
  assert.deepEqual(codes, ['535 5.7.8', '535 5.7.8', '421 4.7.0', '']);
});

test('AUTH before TLS, brute force, timing, authzid: nobody acts for another, and names of properties are nobody', async (t) => {
  const passwordHash = await hashPassword(LOGIN.password);
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)], passwordHash });
  const { user, password } = LOGIN;
  const allowed = [plainBlob(), plainBlob(user, password, user), plainBlob(user.toUpperCase())];
  const refused = [
    plainBlob(user, password, 'root@example.com'),
    plainBlob(user, password, `${user} `),
    plainBlob(user, ''),
    plainBlob(user, passwordHash),
    plainBlob(`${user}\u0000`, password),
    plainBlob('__proto__', password),
    plainBlob('constructor', password),
    plainBlob('', ''),
  ];
  for (const blob of allowed) assert.equal(await loginCode(arena, blob), '235');
  // Whoever fails is told late: all at once, so that the delays pass together.
  const codes = await Promise.all(refused.slice(0, 5).map((blob) => loginCode(arena, blob)));
  for (const code of codes) assert.match(code, /^(?:535|501)$/);
  for (const blob of refused.slice(5)) assert.match(await loginCode(arena, blob), /^(?:535|501)$/);
});

async function loginCode(arena: Arena, blob: string): Promise<string> {
  const client = await arena.stranger();
  client.say('EHLO client.example', `AUTH PLAIN ${blob}`);
  const [, code = ''] = await client.codes(2);
  client.stream.destroy();
  return code;
}

test('AUTH before TLS, brute force, timing, authzid: AUTH twice, within a transaction and before EHLO is refused unread', async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const friend = await arena.friend();
  friend.say(`AUTH PLAIN ${plainBlob()}`, 'MAIL FROM:<a@example.com>', `AUTH PLAIN ${plainBlob()}`);
  assert.deepEqual(await friend.codes(3), ['503', '250', '503']);
  const stranger = await arena.stranger();
  stranger.say(`AUTH PLAIN ${plainBlob()}`, 'HELO client.example', `AUTH PLAIN ${plainBlob()}`);
  assert.deepEqual(await stranger.codes(3), ['503', '250', '503']);
});

test('AUTH before TLS, brute force, timing, authzid: a login is the same wherever it is cut, and so is garbage in its place', async (t) => {
  const arena = await Arena.open(t, { sinks: [await Arena.sink(t)] });
  const login = `AUTH LOGIN\r\n${Buffer.from(LOGIN.user).toString('base64')}\r\n${Buffer.from(LOGIN.password).toString('base64')}\r\n`;
  for (const [before, after] of splits(login)) {
    const client = await arena.stranger();
    await write(client, `EHLO c\r\n${before}`, after);
    assert.deepEqual(await client.codes(4), ['250', '334', '334', '235']);
    client.stream.destroy();
  }
  for (const garbage of [
    '*',
    '====',
    'AAA',
    '\u00ff',
    'MAIL FROM:<a@example.com>',
    'QUIT',
    'x'.repeat(13_000),
  ]) {
    const client = await arena.stranger();
    await write(client, 'EHLO c\r\nAUTH PLAIN\r\n', `${garbage}\r\n`, 'MAIL FROM:<a@example.com>\r\n');
    const [, challenge, refusal = '', mail] = await client.codes(4);
    assert.deepEqual([challenge, mail], ['334', '530']);
    assert.match(refusal, /^50[01]$/);
    client.stream.destroy();
  }
});
