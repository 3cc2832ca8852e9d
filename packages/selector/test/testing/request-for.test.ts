import assert from 'node:assert/strict';
import { it } from 'node:test';
import { requestFor } from '../../src/testing/index.ts';

it('A request for tests has ids, domains and views from a few words', () => {
  const request = requestFor({
    from: 'app@example.com',
    to: ['a@Example.ORG', 'postmaster'],
    downstreams: ['ses', { id: 'own', cost: 0, hasCost: true, state: 'down' }],
    headers: { Subject: 'Hello', 'X-Tag': 'news' },
    more: { dryRun: true, session: { user: 'app' } },
  });
  assert.deepEqual(request.envelope, {
    mailFrom: 'app@example.com',
    mailParameters: [],
    recipients: [
      { id: 0, address: 'a@Example.ORG', domain: 'example.org' },
      { id: 1, address: 'postmaster', domain: '' },
    ],
  });
  assert.deepEqual(
    request.downstreams.map(({ id, state, hasCost }) => ({ id, state, hasCost })),
    [
      { id: 'ses', state: 'up', hasCost: false },
      { id: 'own', state: 'down', hasCost: true },
    ],
  );
  assert.equal(request.message.subject, 'Hello');
  assert.deepEqual(request.message.headers, [
    { name: 'Subject', value: 'Hello' },
    { name: 'X-Tag', value: 'news' },
  ]);
  assert.deepEqual([request.dryRun, request.session.user, request.contractVersion], [true, 'app', 2]);
});
