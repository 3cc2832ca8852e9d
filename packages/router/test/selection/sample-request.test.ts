import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewWith } from '@smtp-router/selector/contract';
import { sampleRequest } from '../../src/selection/sample-request.ts';

const facts = { user: 'app@example.com', timeoutMs: 2000, now: 5 };

test('a sample is a dry run with the downstreams of a user and one recipient', () => {
  const downstreams = [viewWith({ id: 'a' }), viewWith({ id: 'b', state: 'disabled' })];
  const request = sampleRequest({ ...facts, downstreams });
  assert.ok(request !== undefined);
  assert.equal(request.dryRun, true);
  assert.deepEqual(request.downstreams, downstreams);
  assert.equal(request.session.user, 'app@example.com');
  assert.deepEqual(
    request.envelope.recipients.map(({ domain }) => domain),
    ['example.net'],
  );
});

test('there is none while nobody can be chosen', () => {
  assert.equal(sampleRequest({ ...facts, downstreams: [] }), undefined);
  const downstreams = [viewWith({ id: 'a', state: 'disabled' })];
  assert.equal(sampleRequest({ ...facts, downstreams }), undefined);
});
