import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginPlainServer, PLAIN_CLIENT, readPlainMessage, writePlainMessage } from '../../src/sasl/plain.ts';
import { bytesOf } from '../support/chunks.ts';

const MALFORMED = { kind: 'refused', reason: 'malformed' };

test('Both sides of PLAIN agree, beyond ASCII too (RFC 4616 §2)', () => {
  const credentials = { username: 'üser@example.com', password: 'pass wörd' };
  const message = PLAIN_CLIENT.begin(credentials).initialResponse();
  assert.deepEqual(beginPlainServer().receive(message), { kind: 'credentials', credentials });
  assert.deepEqual(message, writePlainMessage(credentials));
});

test('Without initial response the server asks with an empty challenge', () => {
  assert.deepEqual(beginPlainServer().receive(undefined), { kind: 'challenge', message: new Uint8Array() });
});

test('An authorization identity may be empty or the user itself', () => {
  assert.equal(readPlainMessage(bytesOf('user\0user\0pass')).kind, 'credentials');
  const foreign = { kind: 'refused', reason: 'foreign-authorization-identity' };
  assert.deepEqual(readPlainMessage(bytesOf('root\0user\0pass')), foreign);
  assert.deepEqual(readPlainMessage(bytesOf('USER\0user\0pass')), foreign);
});

for (const message of [
  '',
  '\0',
  '\0\0',
  '\0user',
  '\0user\0',
  '\0\0pass',
  'user\0pass',
  '\0user\0pass\0',
  '\0user\0a\0b',
  '\0user\0\xff',
]) {
  test(`${JSON.stringify(message)} is no PLAIN message`, () => {
    assert.deepEqual(readPlainMessage(bytesOf(message)), MALFORMED);
  });
}

test('The client answers no further challenge', () => {
  assert.equal(PLAIN_CLIENT.begin({ username: 'a', password: 'b' }).respond(new Uint8Array()), undefined);
});
