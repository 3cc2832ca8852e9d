import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginLoginServer, LOGIN_CLIENT } from '../../src/sasl/login.ts';
import { bytesOf, textOf } from '../support/chunks.ts';

test('Both sides of LOGIN agree', () => {
  const credentials = { username: 'üser', password: 'pässword' };
  const client = LOGIN_CLIENT.begin(credentials);
  const server = beginLoginServer();
  assert.equal(client.initialResponse(), undefined);
  let step = server.receive(undefined);
  const prompts: string[] = [];
  while (step.kind === 'challenge') {
    prompts.push(textOf(step.message));
    step = server.receive(client.respond(step.message));
  }
  assert.deepEqual(step, { kind: 'credentials', credentials });
  assert.deepEqual(prompts, ['Username:', 'Password:']);
  assert.equal(client.respond(bytesOf('and?')), undefined);
});

test('An initial response is the user name', () => {
  const server = beginLoginServer();
  assert.equal(server.receive(bytesOf('user')).kind, 'challenge');
  assert.deepEqual(server.receive(bytesOf('pass')), {
    kind: 'credentials',
    credentials: { username: 'user', password: 'pass' },
  });
});

test('Empty, broken and NUL-holding answers are refused', () => {
  for (const message of ['', '\xff', 'a\0b']) {
    assert.deepEqual(beginLoginServer().receive(bytesOf(message)), { kind: 'refused', reason: 'malformed' });
    const server = beginLoginServer();
    server.receive(bytesOf('user'));
    assert.deepEqual(server.receive(bytesOf(message)), { kind: 'refused', reason: 'malformed' });
  }
});
