import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { RouterEvent } from '../../src/events/router-event.ts';
import type { Outcome, UndeliveredOutcome } from '../../src/message/outcome.ts';
import { Relay } from '../../src/relay/relay.ts';
import type { RelayCall } from '../../src/relay/relay-call.ts';
import type { RelayResult } from '../../src/relay/relay-result.ts';
import type { Selection } from '../../src/selection/selection.ts';
import { StopSignal } from '../../src/stop-signal.ts';
import { broken, FakeDownstream, refused, TAKEN, withheld } from '../support/fake-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

/** Decides what it is told to, in configured order by default. */
class FakeSelection implements Selection {
  readonly name = 'fake';
  readonly requests: SelectRequest[] = [];
  readonly #reply: SelectReply | undefined;

  constructor(reply?: SelectReply) {
    this.#reply = reply;
  }

  async select(request: SelectRequest): ReturnType<Selection['select']> {
    this.requests.push(request);
    const reply = this.#reply ?? inOrder(request);
    const routes = reply.kind === 'route' ? reply.routes.map(({ candidateIds }) => candidateIds) : [];
    const record = {
      selector: this.name,
      decidedBy: 'selector',
      reason: 'because',
      routes,
      durationMs: 1,
    } as const;
    return { reply, record };
  }

  async close(): Promise<void> {}
}

function inOrder({ downstreams }: SelectRequest): SelectReply {
  return {
    kind: 'route',
    reason: '',
    routes: [{ recipientIds: [], candidateIds: downstreams.map(({ id }) => id) }],
  };
}

interface Setting {
  readonly downstreams: readonly FakeDownstream[];
  readonly selection?: Selection;
  readonly recipients?: readonly string[];
  readonly call?: Partial<RelayCall>;
  readonly clock?: TestClock;
}

interface Played {
  readonly result: RelayResult;
  readonly events: readonly RouterEvent[];
}

async function play(setting: Setting): Promise<Played> {
  const events: RouterEvent[] = [];
  const selection = setting.selection ?? new FakeSelection();
  const relay = new Relay({
    users: new Map([['app@example.com', { selection, downstreams: setting.downstreams }]]),
    events: { emit: (event) => void events.push(event) },
    clock: setting.clock ?? new TestClock(),
    random: () => 0.5,
  });
  const message = testMessage(setting.recipients === undefined ? {} : { recipients: setting.recipients });
  const call = { attempt: 1, deadlineAt: 25_000, isAllOrNothing: true, ...setting.call };
  return { result: await relay.relay(message, call), events };
}

function outcomeOf({ result }: Played, id = 0): Outcome {
  const outcome = result.outcomes.get(id);
  assert.ok(outcome !== undefined, `recipient ${id} has no outcome`);
  return outcome;
}

function undeliveredOf(played: Played, id = 0): UndeliveredOutcome {
  const outcome = outcomeOf(played, id);
  assert.ok(outcome.kind !== 'delivered', `recipient ${id} was delivered`);
  return outcome;
}

const TWO = ['a@x.example', 'b@x.example'];

test('The first candidate takes the message and nobody else is asked', async () => {
  const [first, second] = [new FakeDownstream('first'), new FakeDownstream('second')];
  const played = await play({ downstreams: [first, second] });
  assert.deepEqual(outcomeOf(played), {
    kind: 'delivered',
    downstreamId: 'first',
    reply: { code: 250, lines: ['queued'] },
  });
  assert.equal(second.requests.length, 0);
  assert.deepEqual(
    played.events.map(({ kind }) => kind),
    ['selection-ended', 'attempt-ended'],
  );
});

test('When the first is down the second takes the message, loudly', async () => {
  const [first, second] = [new FakeDownstream('first', broken('connect')), new FakeDownstream('second')];
  const played = await play({ downstreams: [first, second] });
  assert.equal(outcomeOf(played).kind, 'delivered');
  assert.deepEqual(played.events[2], {
    kind: 'failed-over',
    messageId: 'm1',
    from: 'first',
    to: 'second',
    blame: 'network',
    errorCode: 'ROUTER_CONNECTION_LOST',
    message: 'broken in connect',
  });
  assert.equal(played.result.attempts.length, 2);
});

test('A downstream that is down or throttled is passed over while a healthy one is in the route', async () => {
  const [dead, busy, well] = ['dead', 'busy', 'well'].map((name) => new FakeDownstream(name));
  assert.ok(dead !== undefined && busy !== undefined && well !== undefined);
  dead.state = 'down';
  busy.state = 'throttled';
  const played = await play({ downstreams: [dead, busy, well] });
  assert.equal(outcomeOf(played).kind, 'delivered');
  assert.deepEqual([dead.requests.length, busy.requests.length, well.requests.length], [0, 0, 1]);
});

test('When every downstream is down they are asked all the same', async () => {
  const dead = new FakeDownstream('dead');
  dead.state = 'down';
  const played = await play({ downstreams: [dead] });
  assert.equal(outcomeOf(played).kind, 'delivered');
});

test('What an attempt means for health is told to the downstream, the fault of a recipient is not', async () => {
  const first = new FakeDownstream('first', broken('connect'));
  const second = new FakeDownstream('second', withheld(550));
  await play({ downstreams: [first, second] });
  assert.deepEqual(first.verdicts, [{ kind: 'blamed', blame: 'network', message: 'broken in connect' }]);
  assert.deepEqual(second.verdicts, []);
  const third = new FakeDownstream('third', TAKEN);
  await play({ downstreams: [third] });
  assert.deepEqual(third.verdicts, [{ kind: 'delivered' }]);
});

test('When both are down the message is deferred, and the last failover leads nowhere', async () => {
  const downstreams = [
    new FakeDownstream('first', broken('connect')),
    new FakeDownstream('second', broken('mail')),
  ];
  const played = await play({ downstreams });
  assert.equal(outcomeOf(played).kind, 'deferred');
  const failovers = played.events.filter(({ kind }) => kind === 'failed-over');
  assert.deepEqual(
    failovers.map((event) => ('to' in event ? event.to : undefined)),
    ['second', undefined],
  );
});

test('A dot without an answer is ambiguous and no other downstream is asked', async () => {
  const [first, second] = [new FakeDownstream('first', broken('dot')), new FakeDownstream('second')];
  const played = await play({ downstreams: [first, second] });
  assert.equal(outcomeOf(played).kind, 'ambiguous');
  assert.equal(second.requests.length, 0);
});

test('A real 4xx after the dot is no doubt: the next candidate is asked', async () => {
  const downstreams = [new FakeDownstream('first', refused('dot', 451)), new FakeDownstream('second')];
  assert.equal(outcomeOf(await play({ downstreams })).kind, 'delivered');
});

test('A refused recipient fails without asking anybody else', async () => {
  const second = new FakeDownstream('second');
  const played = await play({ downstreams: [new FakeDownstream('first', withheld(550)), second] });
  const outcome = undeliveredOf(played);
  assert.equal(outcome.kind, 'failed');
  assert.equal(outcome.reply?.code, 550);
  assert.equal(second.requests.length, 0);
});

test('Two recipients, one refused: nobody gets it, and the outcomes say which reply', async () => {
  const second = new FakeDownstream('second');
  const played = await play({
    downstreams: [new FakeDownstream('first', withheld(250, 550)), second],
    recipients: TWO,
  });
  const [held, failed] = [undeliveredOf(played, 0), undeliveredOf(played, 1)];
  assert.equal(held.errorCode, 'ROUTER_ALL_OR_NOTHING');
  assert.equal(failed.reply?.lines[0], 'answer 550');
  assert.equal(second.requests.length, 0);
});

test('Two recipients, one refused because of the sender: the next candidate is asked for both', async () => {
  const denied = {
    end: { kind: 'withheld', phase: 'rcpt' },
    recipientCodes: [250, 503],
  } as const;
  const second = new FakeDownstream('second');
  const played = await play({ downstreams: [new FakeDownstream('first', denied), second], recipients: TWO });
  assert.deepEqual(
    second.requests[0]?.recipients.map(({ id }) => id),
    [0, 1],
  );
  assert.equal(outcomeOf(played, 0).kind, 'delivered');
  assert.equal(outcomeOf(played, 1).kind, 'delivered');
});

test('Without all or nothing only the recipients that may still be taken move on', async () => {
  const mixed = { ...TAKEN, recipientCodes: [250, 550, 503] };
  const second = new FakeDownstream('second');
  const played = await play({
    downstreams: [new FakeDownstream('first', mixed), second],
    recipients: [...TWO, 'c@x.example'],
    call: { isAllOrNothing: false },
  });
  assert.deepEqual(
    second.requests[0]?.recipients.map(({ id }) => id),
    [2],
  );
  assert.deepEqual(
    [0, 1, 2].map((id) => outcomeOf(played, id).kind),
    ['delivered', 'failed', 'delivered'],
  );
});

test('A candidate that may take it later outweighs one that never will', async () => {
  const downstreams = [
    new FakeDownstream('first', broken('connect')),
    new FakeDownstream('second', refused('mail', 550)),
  ];
  assert.equal(outcomeOf(await play({ downstreams })).kind, 'deferred');
});

test('When every candidate refuses the sender for good the message fails', async () => {
  const downstreams = [
    new FakeDownstream('first', refused('mail', 550)),
    new FakeDownstream('second', refused('mail', 553)),
  ];
  const outcome = undeliveredOf(await play({ downstreams }));
  assert.equal(outcome.kind, 'failed');
  assert.equal(outcome.reply?.code, 553);
});

test('The budget is shared: when the first used it up the second is not asked', async () => {
  const clock = new TestClock();
  const [first, second] = [
    new FakeDownstream('first', broken('mail', 'ROUTER_REPLY_TIMEOUT')),
    new FakeDownstream('second'),
  ];
  first.onAttempt = () => clock.advance(25_000);
  const played = await play({ downstreams: [first, second], clock });
  const outcome = undeliveredOf(played);
  assert.equal(outcome.errorCode, 'ROUTER_REPLY_TIMEOUT');
  assert.equal(second.requests.length, 0);
  assert.equal(first.requests[0]?.deadlineAt, 25_000);
});

test('A selection that outlives the budget leaves the message deferred', async () => {
  const clock = new TestClock();
  const first = new FakeDownstream('first');
  const silent: Selection = {
    name: 'silent',
    select: () => {
      queueMicrotask(() => clock.advance(25_000));
      return new Promise(() => {});
    },
    close: async () => {},
  };
  const played = await play({ downstreams: [first], selection: silent, clock });
  const outcome = undeliveredOf(played);
  assert.equal(outcome.errorCode, 'ROUTER_BUDGET_ENDED');
  assert.equal(first.requests.length, 0);
  assert.equal(clock.pending, 0);
});

test('An abort before the first candidate leaves the message deferred', async () => {
  const first = new FakeDownstream('first');
  const played = await play({ downstreams: [first], call: { signal: stopped() } });
  assert.equal(outcomeOf(played).kind, 'deferred');
  assert.equal(first.requests.length, 0);
});

test('A selection that throws is a deferral, not an exception', async () => {
  const selection: Selection = {
    name: 'bad',
    select: () => Promise.reject(new Error('boom\n')),
    close: async () => {},
  };
  const played = await play({ downstreams: [new FakeDownstream('first')], selection });
  const outcome = undeliveredOf(played);
  assert.equal(outcome.errorCode, 'ROUTER_SELECTION_FAILED');
  assert.equal(played.result.selection.decidedBy, 'fallback');
});

for (const kind of ['defer', 'reject', 'hold'] as const) {
  test(`The verdict ${kind} is answered without touching a downstream`, async () => {
    const first = new FakeDownstream('first');
    const selection = new FakeSelection({ kind, code: 0, text: 'not today', reason: 'policy' });
    const played = await play({ downstreams: [first], selection, recipients: TWO });
    assert.deepEqual(played.result.verdict, { kind, code: 0, text: 'not today' });
    assert.equal(outcomeOf(played, 1).kind, kind === 'reject' ? 'failed' : 'deferred');
    assert.equal(first.requests.length, 0);
  });
}

const SPLIT: SelectReply = {
  kind: 'route',
  reason: 'by domain',
  routes: [
    { recipientIds: [0], candidateIds: ['first'] },
    { recipientIds: [1], candidateIds: ['second'] },
  ],
};

test('All or nothing: several routes are answered without touching a downstream', async () => {
  const downstreams = [new FakeDownstream('first'), new FakeDownstream('second')];
  const played = await play({ downstreams, selection: new FakeSelection(SPLIT), recipients: TWO });
  const outcome = undeliveredOf(played, 1);
  assert.equal(outcome.errorCode, 'ROUTER_SPLIT_NEEDS_SPOOL');
  assert.deepEqual(
    downstreams.map(({ requests }) => requests.length),
    [0, 0],
  );
});

test('Without all or nothing each route goes its own way', async () => {
  const downstreams = [new FakeDownstream('first'), new FakeDownstream('second')];
  const call = { isAllOrNothing: false };
  const played = await play({ downstreams, selection: new FakeSelection(SPLIT), recipients: TWO, call });
  const names = [0, 1].map((id) => outcomeOf(played, id).downstreamId);
  assert.deepEqual(names, ['first', 'second']);
});

test('A candidate named twice is asked once, an unknown one is passed over', async () => {
  const reply: SelectReply = {
    kind: 'route',
    reason: '',
    routes: [{ recipientIds: [], candidateIds: ['nobody', 'first', 'first'] }],
  };
  const first = new FakeDownstream('first', broken('connect'));
  const played = await play({ downstreams: [first], selection: new FakeSelection(reply) });
  assert.equal(first.requests.length, 1);
  assert.equal(outcomeOf(played).kind, 'deferred');
});

test('A user the snapshot does not know is deferred', async () => {
  const relay = new Relay({ users: new Map(), events: { emit: () => {} }, clock: new TestClock() });
  const result = await relay.relay(testMessage(), { attempt: 1, deadlineAt: 1_000, isAllOrNothing: true });
  assert.equal(result.outcomes.get(0)?.kind, 'deferred');
});

test('Every recipient has an outcome, whatever the downstreams say', async () => {
  const answers = [
    TAKEN,
    withheld(550, 250),
    withheld(450, 550),
    refused('mail', 421),
    refused('data', 554),
    broken('data'),
    broken('dot'),
  ];
  for (const first of answers) {
    for (const second of answers) {
      const downstreams = [new FakeDownstream('first', first), new FakeDownstream('second', second)];
      const played = await play({ downstreams, recipients: TWO });
      assert.equal(played.result.outcomes.size, 2);
      const kinds = [...played.result.outcomes.values()].map(({ kind }) => kind);
      const delivered = kinds.filter((kind) => kind === 'delivered').length;
      assert.ok(delivered === 0 || delivered === 2, `a part was delivered: ${kinds.join(', ')}`);
    }
  }
});

function stopped(): StopSignal {
  const signal = new StopSignal();
  signal.stop();
  return signal;
}
