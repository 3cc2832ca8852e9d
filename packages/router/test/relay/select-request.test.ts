import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSelectRequest } from '../../src/relay/select-request.ts';
import { FakeDownstream } from '../support/fake-downstream.ts';
import { testMessage } from '../support/test-message.ts';

const FACTS = { downstreams: [], attempt: 2, isDryRun: false, timeoutMs: 900, now: 5, seed: 7 };

test('A request tells envelope, session and the fields a selector may look at', () => {
  const message = testMessage({
    recipients: ['a@X.Example', 'postmaster'],
    content: 'Message-ID: <1@x>\r\nSubject: Hello\r\n there\r\nFrom: Jane <jane@x.example>\r\n\r\nbody\r\n',
    mailParameters: [{ keyword: 'BODY', value: '8BITMIME' }, { keyword: 'SMTPUTF8' }],
  });
  const request = buildSelectRequest(message, FACTS);
  assert.equal(request.contractVersion, 2);
  assert.equal(request.requestId, 'm1-2');
  assert.deepEqual(
    [request.attempt, request.timeoutMs, request.now, request.seed, request.dryRun],
    [2, 900, 5, 7, false],
  );
  assert.deepEqual(request.envelope, {
    mailFrom: 'sender@example.com',
    mailParameters: ['BODY=8BITMIME', 'SMTPUTF8'],
    recipients: [
      { id: 0, address: 'a@X.Example', domain: 'x.example' },
      { id: 1, address: 'postmaster', domain: '' },
    ],
  });
  assert.deepEqual(writtenDown(request.message), {
    sizeBytes: message.body.sizeBytes,
    messageId: '<1@x>',
    subject: 'Hello there',
    from: 'jane@x.example',
    headers: [
      { name: 'Message-ID', value: '<1@x>' },
      { name: 'Subject', value: 'Hello there' },
      { name: 'From', value: 'Jane <jane@x.example>' },
    ],
  });
  assert.deepEqual(request.session, {
    listener: '127.0.0.1:2525',
    clientAddress: '127.0.0.1',
    helo: 'client.example',
    isTls: false,
    user: 'app@example.com',
  });
});

test('A request survives being written down', () => {
  const downstreams = [new FakeDownstream('first').view()];
  const request = buildSelectRequest(testMessage(), { ...FACTS, downstreams });
  const { message, ...rest } = request;
  assert.deepEqual(writtenDown(rest), rest);
  assert.equal(writtenDown(message).subject, message.subject);
  assert.equal(writtenDown(message).sizeBytes, message.sizeBytes);
});

function writtenDown<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
