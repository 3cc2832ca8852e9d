import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Selector, SelectReply } from '@smtp-router/selector/contract';
import { requestWith, viewWith } from '@smtp-router/selector/testing';
import { InOrder } from '../../src/selection/in-order.ts';
import { createStrategySelection } from '../../src/selection/strategy-selection.ts';

const REQUEST = requestWith({ downstreams: [viewWith({ id: 'a' }), viewWith({ id: 'b' })] });

/** Each look at the clock is 5 ms after the one before. */
function tickingClock() {
  let now = 0;
  return {
    now: () => {
      now += 5;
      return now;
    },
  };
}

function selectionOf(selector: Selector) {
  return createStrategySelection({ name: 'mine', selector, clock: tickingClock() });
}

describe('A selection by a strategy', () => {
  it('answers the reply with a record of who decided what, why and how fast', async () => {
    assert.deepEqual(await selectionOf(new InOrder()).select(REQUEST), {
      reply: {
        kind: 'route',
        routes: [{ recipientIds: [], candidateIds: ['a', 'b'] }],
        reason: 'configured order',
      },
      record: {
        selector: 'mine',
        decidedBy: 'selector',
        reason: 'configured order',
        routes: [['a', 'b']],
        durationMs: 5,
      },
    });
  });

  const faulty: readonly (readonly [string, () => SelectReply | Promise<SelectReply>, string])[] = [
    [
      'throws',
      () => {
        throw new Error('defect');
      },
      'SELECTOR_FAILED',
    ],
    ['rejects', () => Promise.reject(new Error('defect')), 'SELECTOR_FAILED'],
    ['answers no route', () => ({ kind: 'route', routes: [], reason: '' }), 'SELECTOR_EMPTY_REPLY'],
    [
      'invents a downstream',
      () => ({ kind: 'route', routes: [{ recipientIds: [], candidateIds: ['c'] }], reason: '' }),
      'SELECTOR_UNKNOWN_DOWNSTREAM',
    ],
  ];
  for (const [what, select, code] of faulty) {
    it(`falls back to the configured order when the strategy ${what}`, async () => {
      const { reply, record } = await selectionOf({ select }).select(REQUEST);
      assert.equal(reply.kind, 'route');
      assert.deepEqual(record.routes, [['a', 'b']]);
      assert.equal(record.decidedBy, 'fallback');
      assert.equal(record.faultCode, code);
      assert.match(record.reason, /"mine".*Configured order instead\.$/);
    });
  }

  it('defers without asking when every downstream is disabled', async () => {
    const request = requestWith({ downstreams: [viewWith({ id: 'a', state: 'disabled' })] });
    const { reply, record } = await selectionOf({ select: () => assert.fail('asked') }).select(request);
    assert.equal(reply.kind, 'defer');
    assert.deepEqual(record.routes, []);
    assert.equal(record.decidedBy, 'selector');
  });
});
