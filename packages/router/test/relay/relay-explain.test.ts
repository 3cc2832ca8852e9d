import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SelectReply, SelectRequest } from '@smtp-router/selector/contract';
import type { FailedEnd } from '../../src/downstream/attempt-report.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';
import { createMemoryBody } from '../../src/message/memory-body.ts';
import { Relay } from '../../src/relay/relay.ts';
import type { ExplainCall } from '../../src/relay/relay-call.ts';
import type { Selection } from '../../src/selection/selection.ts';
import { FakeDownstream } from '../support/fake-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

const USER = 'app@example.com';
const CALL: ExplainCall = { attempt: 1, deadlineAt: 25_000, isAllOrNothing: true, isAskedAnyway: false };
const TWO = ['a@x.example', 'b@x.example'];

interface Setting {
  readonly downstreams: readonly FakeDownstream[];
  readonly reply?: SelectReply;
  readonly ignoresDryRun?: boolean;
  readonly numbers?: readonly number[];
}

function relayFor({ downstreams, reply, ignoresDryRun = false, numbers = [] }: Setting) {
  const events: RouterEvent[] = [];
  const asked: SelectRequest[] = [];
  const candidateIds = downstreams.map(({ name }) => name);
  const all: SelectReply = { kind: 'route', reason: '', routes: [{ recipientIds: [], candidateIds }] };
  const selection: Selection = {
    name: 'fake',
    ignoresDryRun,
    async select(request) {
      asked.push(request);
      const record = {
        selector: 'fake',
        decidedBy: 'selector',
        reason: '',
        routes: [],
        durationMs: 0,
      } as const;
      return { reply: reply ?? all, record };
    },
    async close() {},
  };
  const left = [...numbers];
  const relay = new Relay({
    users: new Map([[USER, { selection, downstreams }]]),
    events: { emit: (event) => void events.push(event) },
    clock: new TestClock(),
    random: () => left.shift() ?? 0.5,
  });
  return { relay, events, asked };
}

const NOT_VERIFIED: FailedEnd = {
  kind: 'failed',
  phase: 'mail',
  code: 'ROUTER_SENDER_NOT_VERIFIED',
  message: 'Downstream first was not asked.',
};

test('An explanation asks the selector for a dry run and no downstream for anything', async () => {
  const first = new FakeDownstream('first');
  const { relay, events, asked } = relayFor({ downstreams: [first] });
  const { plan, routes, request, result } = await relay.explain(testMessage(), CALL);
  assert.equal(plan.selection.selector, 'fake');
  assert.deepEqual(
    routes.map(({ candidates }) => candidates),
    [[{ downstream: 'first', addr: 'first.example:25', state: 'up' }]],
  );
  assert.equal(result, undefined);
  assert.equal(asked[0]?.dryRun, true);
  assert.equal(asked[0], request);
  assert.deepEqual([first.requests.length, events.length], [0, 0]);
});

test('Who would be passed over is told with the reason, by rule and by health', async () => {
  const downstreams = ['first', 'second', 'third'].map((name) => new FakeDownstream(name));
  const [first, second] = downstreams;
  assert.ok(first !== undefined && second !== undefined);
  first.objects = NOT_VERIFIED;
  second.state = 'down';
  const { relay } = relayFor({ downstreams });
  const { routes, result } = await relay.explain(testMessage(), CALL);
  assert.deepEqual(
    routes[0]?.candidates.map(({ downstream, passedOver }) => [downstream, passedOver?.code]),
    [
      ['first', 'ROUTER_SENDER_NOT_VERIFIED'],
      ['second', 'ROUTER_DOWNSTREAM_DOWN'],
      ['third', undefined],
    ],
  );
  assert.equal(result, undefined);
});

test('Where mail may wait and nobody is well, nobody would be asked', async () => {
  const first = new FakeDownstream('first');
  first.state = 'down';
  const { relay } = relayFor({ downstreams: [first] });
  const { routes, result } = await relay.explain(testMessage(), { ...CALL, isHealthNeeded: true });
  const passedOver = routes[0]?.candidates[0]?.passedOver;
  assert.equal(passedOver?.code, 'ROUTER_DOWNSTREAM_DOWN');
  assert.match(passedOver?.message ?? '', /the message waits until one is well/);
  assert.equal(result?.outcomes.get(0)?.kind, 'deferred');
});

test('Other senders are told with the candidate that gets them', async () => {
  const first = new FakeDownstream('first');
  first.rewrite = (message) => ({
    ...message,
    envelope: { ...message.envelope, reversePath: { address: 'r@own.example' } },
    body: createMemoryBody([Buffer.from('From: App <app@own.example>\r\n\r\n')]),
  });
  const { relay } = relayFor({ downstreams: [first, new FakeDownstream('second')] });
  const { routes } = await relay.explain(testMessage(), CALL);
  assert.deepEqual(
    routes[0]?.candidates.map(({ rewritten }) => rewritten),
    [{ mailFrom: 'r@own.example', from: 'app@own.example' }, undefined],
  );
});

test('When no candidate would even be asked the outcome is known', async () => {
  const first = new FakeDownstream('first', { end: NOT_VERIFIED, recipientCodes: [] });
  first.objects = NOT_VERIFIED;
  const { relay, events } = relayFor({ downstreams: [first] });
  const { result } = await relay.explain(testMessage(), CALL);
  const outcome = result?.outcomes.get(0);
  assert.ok(outcome?.kind === 'failed');
  assert.equal(outcome.errorCode, 'ROUTER_SENDER_NOT_VERIFIED');
  assert.deepEqual(events, []);
});

test('A split that needs a spool keeps its routes and has its outcome', async () => {
  const downstreams = [new FakeDownstream('first'), new FakeDownstream('second')];
  const reply: SelectReply = {
    kind: 'route',
    reason: '',
    routes: [
      { recipientIds: [0], candidateIds: ['first'] },
      { recipientIds: [1], candidateIds: ['second'] },
    ],
  };
  const { relay } = relayFor({ downstreams, reply });
  const { routes, result } = await relay.explain(testMessage({ recipients: TWO }), CALL);
  assert.deepEqual(
    routes.map(({ recipients, candidates }) => [recipients.map(({ id }) => id), candidates[0]?.downstream]),
    [
      [[0], 'first'],
      [[1], 'second'],
    ],
  );
  const outcome = result?.outcomes.get(1);
  assert.ok(outcome?.kind === 'deferred');
  assert.equal(outcome.errorCode, 'ROUTER_SPLIT_NEEDS_SPOOL');
});

test('A verdict is told with its outcome', async () => {
  const reply: SelectReply = { kind: 'reject', code: 550, text: 'no', reason: 'policy' };
  const { relay } = relayFor({ downstreams: [new FakeDownstream('first')], reply });
  const { result, routes } = await relay.explain(testMessage(), CALL);
  assert.deepEqual(result?.verdict, { kind: 'reject', code: 550, text: 'no' });
  assert.deepEqual(routes, []);
});

test('An explanation looks at the seed the next message takes', async () => {
  const { relay, asked } = relayFor({ downstreams: [new FakeDownstream('first')], numbers: [0.1, 0.2, 0.3] });
  await relay.explain(testMessage(), CALL);
  await relay.explain(testMessage(), CALL);
  await relay.relay(testMessage(), CALL);
  await relay.explain(testMessage(), CALL);
  await relay.relay(testMessage(), CALL);
  const [one, two, three, four, five] = asked.map(({ seed }) => seed);
  assert.equal(one, two);
  assert.equal(two, three);
  assert.notEqual(three, four);
  assert.equal(four, five);
});

test('A selector that knows no dry run is asked as by mail when that is wanted', async () => {
  const downstreams = [new FakeDownstream('first')];
  const { relay, asked } = relayFor({ downstreams, ignoresDryRun: true });
  await relay.explain(testMessage(), CALL);
  await relay.explain(testMessage(), { ...CALL, isAskedAnyway: true });
  assert.deepEqual(
    asked.map(({ dryRun }) => dryRun),
    [true, false],
  );
});

test('A user the snapshot does not know is told so', async () => {
  const relay = new Relay({ users: new Map(), events: { emit: () => {} }, clock: new TestClock() });
  const { request, result } = await relay.explain(testMessage(), CALL);
  assert.equal(request, undefined);
  assert.equal(result?.outcomes.get(0)?.kind, 'deferred');
});
