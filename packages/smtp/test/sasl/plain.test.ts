import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginPlainServer, PLAIN_CLIENT, readPlainMessage, writePlainMessage } from '../../src/sasl/plain.ts';
import { bytesOf, fuzzRuns } from '../support/chunks.ts';

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

test('Any bytes are credentials with exactly these bytes, or refused', () => {
  const part = fc.constantFrom('\0', '\0', 'user', 'x', '\xc3\xbc', '\xff').map(bytesOf);
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.array(part, { maxLength: 7 }).map((parts) => new Uint8Array(Buffer.concat(parts))),
  );
  fc.assert(
    fc.property(message, (bytes) => {
      const step = readPlainMessage(bytes);
      if (step.kind !== 'credentials') {
        assert.equal(step.kind, 'refused');
        return;
      }
      const written = Buffer.from(writePlainMessage(step.credentials));
      const identity = Buffer.from(step.credentials.username);
      const forms = [written, Buffer.concat([identity, written])];
      assert.ok(forms.some((form) => form.equals(bytes)));
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
