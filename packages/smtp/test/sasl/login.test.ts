import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginLoginServer, LOGIN_CLIENT } from '../../src/sasl/login.ts';
import { bytesOf, fuzzRuns, textOf } from '../support/chunks.ts';

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

test('Any two answers are the two credentials, byte for byte, or refused', () => {
  const answer = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string({ maxLength: 20 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(answer, answer, (first, second) => {
      const server = beginLoginServer();
      const steps = [server.receive(first), server.receive(second)];
      const step = steps.at(-1);
      if (step?.kind !== 'credentials' || steps[0]?.kind !== 'challenge') return;
      assert.deepEqual(Buffer.from(step.credentials.username), Buffer.from(first));
      assert.deepEqual(Buffer.from(step.credentials.password), Buffer.from(second));
      assert.ok(!`${step.credentials.username}${step.credentials.password}`.includes('\0'));
    }),
    { numRuns: fuzzRuns(500) },
  );
});
