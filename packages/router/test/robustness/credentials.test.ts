import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGIN } from '../support/test-router.ts';
import { Arena, ENVELOPE, plainBlob, splits, write } from './arena.ts';

const BLOB = plainBlob();
const FORMS = [LOGIN.password, Buffer.from(LOGIN.password).toString('base64'), BLOB];

/** Places where clients put a password by mistake, or to have it printed. */
const MISPLACED = [
  `AUTHPLAIN ${BLOB}`,
  `AUTH ${BLOB}`,
  `AUTH PLAIN ${BLOB} x`,
  `AUTH NTLM ${BLOB}`,
  `EHLO ${BLOB}`,
  `${BLOB}`,
  `AUTH LOGIN ${Buffer.from(LOGIN.password).toString('base64')}`,
  `VRFY ${LOGIN.password}`,
  `HELP ${LOGIN.password}`,
  `AUTH PLAIN ${BLOB}${'A'.repeat(12_300)}`,
];

test('Credentials: a login, pipelined and cut anywhere, is in no log line, event, reply or metric', async (t) => {
  const sink = await Arena.sink(t);
  const arena = await Arena.open(t, { sinks: [sink] });
  const replies: string[] = [];
  const login = `EHLO c\r\nAUTH PLAIN ${BLOB}\r\n${ENVELOPE.join('\r\n')}\r\nDATA\r\nx\r\n.\r\nQUIT\r\n`;
  for (const [before, after] of splits(login).filter((_, at) => at % 4 === 0)) {
    const client = await arena.stranger();
    await write(client, before, after);
    replies.push(await client.rest());
    client.stream.destroy();
  }
  for (const line of MISPLACED) {
    const client = await arena.stranger();
    await write(client, `EHLO c\r\n${line}\r\n`, '*\r\nQUIT\r\n');
    replies.push(await client.rest());
    client.stream.destroy();
  }
  const { admin = '' } = arena.router.handle.addresses;
  const metrics = await fetch(`http://${admin}/metrics`).then((response) => response.text());
  const seen = {
    log: arena.router.logLines.join(''),
    events: JSON.stringify(arena.router.events),
    replies: replies.join(''),
    metrics,
  };
  for (const [where, text] of Object.entries(seen)) {
    assert.notEqual(text, '', where);
    for (const form of FORMS) assert.ok(!text.includes(form), `${where} holds ${form}`);
  }
  assert.ok(
    !sink.lines.some((line) => FORMS.some((form) => line.includes(form))),
    'nor does a downstream hear of it',
  );
});
