import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Delivery, type DeliveryOptions } from '../../src/delivery/delivery.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import type { Message } from '../../src/message/message.ts';
import type { Outcome } from '../../src/message/outcome.ts';
import type { SelectionRecord } from '../../src/message/selection-record.ts';
import type { MessageRelay } from '../../src/relay/message-relay.ts';
import type { ExplainCall, RelayCall } from '../../src/relay/relay-call.ts';
import type { RelayForecast } from '../../src/relay/relay-forecast.ts';
import type { RelayResult } from '../../src/relay/relay-result.ts';
import { TestClock } from '../test-clock.ts';
import { delivered, undelivered } from './outcome-samples.ts';

const selection: SelectionRecord = {
  selector: 'in-order',
  decidedBy: 'selector',
  reason: 'configured order',
  routes: [['first', 'second']],
  durationMs: 1,
};

function messageTo(...addresses: readonly string[]): Message {
  return {
    id: 's1-1',
    envelope: {
      reversePath: { address: 'a@example.com' },
      mailParameters: [],
      forwardPaths: addresses.map((address, id) => ({ id, path: { address }, parameters: [] })),
    },
    body: createMemoryBody([Buffer.from('Subject: x\r\n\r\nbody\r\n')]),
    session: {
      sessionId: 's1',
      listener: '127.0.0.1:2525',
      clientAddress: '127.0.0.1',
      helo: 'client',
      isTls: false,
      isEsmtp: true,
      isAuthenticated: true,
      user: 'app@example.com',
    },
    receivedAt: 1_000,
  };
}

class ScriptedRelay implements MessageRelay {
  readonly calls: RelayCall[] = [];
  readonly #result: () => Promise<RelayResult>;

  constructor(result: () => Promise<RelayResult>) {
    this.#result = result;
  }

  relay(_message: Message, call: RelayCall): Promise<RelayResult> {
    this.calls.push(call);
    return this.#result();
  }

  async explain(_message: Message, call: ExplainCall): Promise<RelayForecast> {
    this.calls.push(call);
    const result = await this.#result();
    return { plan: { selection: result.selection, routes: [] }, routes: [], result };
  }
}

function relayAnswering(...outcomes: readonly Outcome[]): ScriptedRelay {
  return new ScriptedRelay(async () => ({
    selection,
    attempts: [],
    outcomes: new Map(outcomes.map((outcome, id) => [id, outcome])),
  }));
}

function delivery(relay: MessageRelay, more: Partial<DeliveryOptions> = {}) {
  const clock = new TestClock();
  const events: RouterEvent[] = [];
  const subject = new Delivery({
    relay,
    budgetMs: 25_000,
    clock,
    events: { emit: (event) => events.push(event) },
    ...more,
  });
  return { subject, clock, events };
}

test('a delivered message is answered 250 and reported once as relayed', async () => {
  const { subject, events } = delivery(relayAnswering(delivered('ses')));
  const reply = await subject.accept(messageTo('b@example.net'));
  assert.equal(reply.code, 250);
  assert.equal(events.length, 1);
  const [ended] = events;
  assert.ok(ended?.kind === 'message-ended');
  assert.equal(ended.result, 'relayed');
  assert.equal(ended.messageId, 's1-1');
  assert.equal(ended.replyText, '2.0.0 Ok: relayed via ses, id s1-1: 250 2.0.0 Ok: queued as 4711');
  assert.deepEqual(ended.selection, selection);
});

test('4xx is reported as deferred, 5xx as failed', async () => {
  const table = [
    [undelivered('deferred', 'network'), 'deferred', 451],
    [undelivered('failed', 'recipient', 550), 'failed', 550],
  ] as const;
  for (const [outcome, result, code] of table) {
    const { subject, events } = delivery(relayAnswering(outcome));
    assert.equal((await subject.accept(messageTo('b@example.net'))).code, code);
    const [ended] = events;
    assert.ok(ended?.kind === 'message-ended');
    assert.equal(ended.result, result);
  }
});

test('a relay that rejects costs a 451 and is reported as a defect, the message once', async () => {
  const relay = new ScriptedRelay(() => Promise.reject(new Error('broken')));
  const { subject, events } = delivery(relay);
  assert.equal((await subject.accept(messageTo('b@example.net'))).code, 451);
  assert.deepEqual(
    events.map((event) => event.kind),
    ['internal-fault', 'message-ended'],
  );
});

test('the budget counts from the dot, and several recipients are all or nothing', async () => {
  const relay = relayAnswering(delivered(), delivered());
  const { subject, clock } = delivery(relay, { budgetMs: 5_000 });
  clock.advance(700);
  await subject.accept(messageTo('b@example.net', 'c@example.net'));
  await subject.accept(messageTo('b@example.net'));
  assert.deepEqual(
    relay.calls.map(({ attempt, deadlineAt, isAllOrNothing }) => ({ attempt, deadlineAt, isAllOrNothing })),
    [
      { attempt: 1, deadlineAt: 5_700, isAllOrNothing: true },
      { attempt: 1, deadlineAt: 5_700, isAllOrNothing: false },
    ],
  );
});

test('a shrunk budget cuts new messages by deadline and those under way by signal', async () => {
  const relay = relayAnswering(delivered());
  const { subject, clock } = delivery(relay);
  await subject.accept(messageTo('b@example.net'));
  subject.shrinkBudget(3_000);
  await subject.accept(messageTo('b@example.net'));
  const [before, after] = relay.calls;
  assert.equal(before?.deadlineAt, 25_000);
  assert.equal(after?.deadlineAt, 3_000);
  assert.equal(before?.signal?.isStopped, false);
  clock.advance(3_000);
  assert.equal(before?.signal?.isStopped, true);
});

test('at_most_once reaches the reply', async () => {
  const relay = relayAnswering(undelivered('ambiguous', 'network'));
  const { subject } = delivery(relay, { ambiguous: 'at_most_once' });
  assert.equal((await subject.accept(messageTo('b@example.net'))).code, 554);
});

test('the duration runs from the dot to the reply', async () => {
  const clock = new TestClock();
  const relay = new ScriptedRelay(async () => {
    clock.advance(42);
    return { selection, attempts: [], outcomes: new Map([[0, delivered()]]) };
  });
  const { subject, events } = delivery(relay, { clock });
  await subject.accept(messageTo('b@example.net'));
  const [ended] = events;
  assert.ok(ended?.kind === 'message-ended');
  assert.equal(ended.durationMs, 42);
});

test('an explanation is asked as the message would be and ends with the reply its client would hear', async () => {
  const relay = relayAnswering(undelivered('failed', 'recipient', 550), delivered('ses'));
  const { subject, events } = delivery(relay);
  const message = messageTo('b@example.net', 'c@example.net');
  const { reply } = await subject.explain(message, { isAskedAnyway: true });
  await subject.accept(message);
  const [asked, real] = relay.calls;
  assert.deepEqual(asked, { ...real, isAskedAnyway: true });
  assert.equal(reply?.code, 550);
  assert.equal(events.length, 1);
});
