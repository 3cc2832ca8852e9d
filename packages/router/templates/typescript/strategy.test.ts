import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SelectReply } from '@smtp-router/selector';
import { requestFor } from '@smtp-router/selector/testing';
import { Strategy } from './strategy.ts';

const THREE = requestFor({ to: ['a@example.org'], downstreams: ['ses', 'own', 'far'] });

function orderOf(reply: SelectReply): readonly string[] {
  return reply.kind === 'route' ? (reply.routes[0]?.candidateIds ?? []) : [];
}

test('each message begins with the next downstream, whatever is asked in between', () => {
  const strategy = new Strategy();
  for (const expected of ['ses', 'own', 'far', 'ses']) {
    assert.equal(orderOf(strategy.select({ ...THREE, dryRun: true }))[0], expected);
    assert.equal(orderOf(strategy.select(THREE))[0], expected);
  }
});

test('one that is down comes last', () => {
  const request = requestFor({ downstreams: [{ id: 'ses', state: 'down' }, 'own'] });
  assert.deepEqual(orderOf(new Strategy().select(request)), ['own', 'ses']);
});

test('what is to be avoided is not tried, and must be a list', () => {
  const strategy = new Strategy();
  assert.deepEqual(strategy.configure({ avoid: ['ses', 'own'] }), []);
  assert.deepEqual(orderOf(strategy.select(THREE)), ['far']);
  assert.equal(strategy.configure({ avoid: 'ses' })[0]?.path, 'avoid');
});
