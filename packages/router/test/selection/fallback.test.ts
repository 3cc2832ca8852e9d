import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DownstreamState, SelectReply } from '@smtp-router/selector/contract';
import { requestWith, viewWith } from '@smtp-router/selector/testing';
import { Fallback, type OnFailure } from '../../src/selection/fallback.ts';
import { LastOrders } from '../../src/selection/last-orders.ts';

const FAULT = 'Plugin "mine" is away.';

interface Situation {
  readonly user?: string;
  readonly states?: Readonly<Record<string, DownstreamState>>;
  readonly dryRun?: boolean;
}

function request({ user = 'app', states = { a: 'up', b: 'up', c: 'up' }, dryRun = false }: Situation = {}) {
  return requestWith({
    dryRun,
    session: { user },
    downstreams: Object.entries(states).map(([id, state]) => viewWith({ id, state })),
  });
}

function order(...candidateIds: readonly string[]): SelectReply {
  return { kind: 'route', routes: [{ recipientIds: [], candidateIds }], reason: 'test' };
}

function fallenBack(fallback: Fallback, situation: Situation = {}): string {
  const reply = fallback.replyFor(request(situation), FAULT);
  return reply.kind === 'route'
    ? reply.routes.map((route) => route.candidateIds.join('')).join(' ')
    : `${reply.kind} ${reply.code}`;
}

describe('on_failure', () => {
  const table: readonly (readonly [OnFailure, string, Situation, string])[] = [
    ['in-order', 'healthy downstreams in configured order', {}, 'abc'],
    ['in-order', 'the unhealthy behind', { states: { a: 'down', b: 'up' } }, 'ba'],
    ['in-order', 'nobody when all are disabled', { states: { a: 'disabled' } }, 'defer 451'],
    ['last-order', 'the last order for the user', {}, 'cb'],
    ['last-order', 'without what is gone or disabled', { states: { a: 'up', b: 'up', c: 'disabled' } }, 'b'],
    ['last-order', 'in order when nothing of it is left', { states: { a: 'up', d: 'up' } }, 'ad'],
    ['last-order', 'in order for a user never served', { user: 'other' }, 'abc'],
    ['tempfail', 'nobody, for now', {}, 'defer 451'],
  ];
  for (const [onFailure, what, situation, expected] of table) {
    it(`${onFailure} means ${what}`, () => {
      const fallback = new Fallback(onFailure);
      fallback.remember(request(), order('a', 'b'));
      fallback.remember(request(), order('c', 'b'));
      assert.equal(fallenBack(fallback, situation), expected);
    });
  }

  it('names the fault and what was done in the reason, and tells the sender neither', () => {
    for (const onFailure of ['in-order', 'last-order', 'tempfail'] as const) {
      const reply = new Fallback(onFailure).replyFor(request(), FAULT);
      assert.ok(reply.reason.startsWith(`${FAULT} `), reply.reason);
      assert.ok(reply.kind === 'route' || !reply.text.includes('mine'));
    }
  });

  it('last-order forgets nothing for a verdict, a dry run, or routes that share out recipients', () => {
    const fallback = new Fallback('last-order');
    fallback.remember(request(), order('b'));
    fallback.remember(request(), { kind: 'hold', code: 0, text: '', reason: '' });
    fallback.remember(request({ dryRun: true }), order('c'));
    fallback.remember(request(), {
      kind: 'route',
      routes: [
        { recipientIds: [0], candidateIds: ['a'] },
        { recipientIds: [1], candidateIds: ['c'] },
      ],
      reason: '',
    });
    assert.equal(fallenBack(fallback), 'b');
  });
});

describe('Remembered orders', () => {
  it('stay for the 10 000 users served last', () => {
    const orders = new LastOrders();
    for (let user = 0; user < 10_000; user += 1) orders.remember(`user${user}`, ['a']);
    orders.remember('user0', ['b']);
    orders.remember('one more', ['c']);
    assert.deepEqual(orders.recall('user0'), ['b']);
    assert.equal(orders.recall('user1'), undefined);
    assert.deepEqual(orders.recall('user2'), ['a']);
    assert.deepEqual(orders.recall('one more'), ['c']);
  });
});
