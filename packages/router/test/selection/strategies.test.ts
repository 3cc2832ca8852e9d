import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DownstreamState, Selector, SelectReply } from '@smtp-router/selector/contract';
import { requestWith, viewWith } from '@smtp-router/selector/testing';
import fc from 'fast-check';
import { InOrder } from '../../src/selection/in-order.ts';
import { RoundRobin } from '../../src/selection/round-robin.ts';
import { createStrategy } from '../../src/selection/strategy-by-name.ts';

type States = Readonly<Record<string, DownstreamState>>;

function candidates(reply: SelectReply): readonly string[] {
  assert.equal(reply.kind, 'route');
  assert.equal(reply.routes.length, 1);
  assert.deepEqual(reply.routes[0]?.recipientIds, []);
  return reply.routes[0]?.candidateIds ?? [];
}

function ask(selector: InOrder | RoundRobin, states: States, dryRun = false): readonly string[] {
  const downstreams = Object.entries(states).map(([id, state]) => viewWith({ id, state }));
  return candidates(selector.select(requestWith({ downstreams, dryRun })));
}

const ALL_UP: States = { a: 'up', b: 'up', c: 'up' };

describe('Strategy in-order', () => {
  it('keeps the configured order of healthy downstreams', () => {
    assert.deepEqual(ask(new InOrder(), ALL_UP), ['a', 'b', 'c']);
  });

  it('puts the less healthy behind, and leaves out the disabled', () => {
    const states: States = {
      down: 'down',
      off: 'disabled',
      throttled: 'throttled',
      new: 'unspecified',
      probing: 'probing',
      up: 'up',
    };
    assert.deepEqual(ask(new InOrder(), states), ['new', 'up', 'probing', 'throttled', 'down']);
  });

  it('defers when every downstream is disabled', () => {
    const request = requestWith({ downstreams: [viewWith({ id: 'a', state: 'disabled' })] });
    const reply = new InOrder().select(request);
    assert.equal(reply.kind, 'defer');
    assert.equal(reply.code, 451);
  });
});

describe('Strategy round-robin', () => {
  it('rotates the whole order by one with each message', () => {
    const strategy = new RoundRobin();
    const orders = Array.from({ length: 4 }, () => ask(strategy, ALL_UP).join(''));
    assert.deepEqual(orders, ['abc', 'bca', 'cab', 'abc']);
  });

  it('spreads evenly: first choices differ by one at most at any time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 100 }), (size, messages) => {
        const strategy = new RoundRobin();
        const states = Object.fromEntries(
          Array.from({ length: size }, (_, index) => [`d${index}`, 'up' as const]),
        );
        const turns = new Map(Object.keys(states).map((id) => [id, 0]));
        for (let message = 0; message < messages; message += 1) {
          const first = ask(strategy, states)[0] ?? '';
          turns.set(first, (turns.get(first) ?? 0) + 1);
        }
        assert.ok(Math.max(...turns.values()) - Math.min(...turns.values()) <= 1);
      }),
    );
  });

  it('stays even among the healthy while one is down, and lets it return without a burst', () => {
    const strategy = new RoundRobin();
    const firsts = (states: States, messages: number) =>
      Array.from({ length: messages }, () => ask(strategy, states)[0]).join('');
    assert.equal(firsts({ ...ALL_UP, b: 'down' }, 6), 'acacac');
    assert.equal(firsts(ALL_UP, 6), 'bacbac');
  });

  it('keeps the unhealthy in the order, behind the healthy', () => {
    assert.deepEqual(ask(new RoundRobin(), { ...ALL_UP, a: 'down' }), ['b', 'c', 'a']);
  });

  it('gives everybody turns where users with different lists alternate', () => {
    const strategy = new RoundRobin();
    const firsts: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      firsts.push(ask(strategy, { a: 'up', b: 'up' })[0] ?? '', ask(strategy, ALL_UP)[0] ?? '');
    }
    const firstsOfOne = firsts.filter((_, index) => index % 2 === 0);
    for (const id of ['a', 'b']) assert.ok(firstsOfOne.filter((first) => first === id).length >= 3);
    for (const id of ['a', 'b', 'c']) assert.ok(firsts.filter((first) => first === id).length >= 5);
  });

  it('takes no turn in a dry run, which shows the order the next message gets', () => {
    const strategy = new RoundRobin();
    ask(strategy, ALL_UP);
    assert.deepEqual(ask(strategy, ALL_UP, true), ['b', 'c', 'a']);
    assert.deepEqual(ask(strategy, ALL_UP, true), ['b', 'c', 'a']);
    assert.deepEqual(ask(strategy, ALL_UP), ['b', 'c', 'a']);
  });
});

it('A strategy is made anew each time it is asked for by name', async () => {
  const first = async (strategy: Selector) => {
    const downstreams = [viewWith({ id: 'a' }), viewWith({ id: 'b' })];
    return candidates(await strategy.select(requestWith({ downstreams })))[0];
  };
  assert.equal(await first(createStrategy('round-robin')), 'a');
  assert.equal(await first(createStrategy('round-robin')), 'a');
  assert.ok(createStrategy('in-order') instanceof InOrder);
});
