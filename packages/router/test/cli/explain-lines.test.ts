import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SELECTOR_ERRORS } from '@smtp-router/selector/errors';
import { explainLines } from '../../src/cli/explain-lines.ts';
import type { ExplainResult } from '../../src/control/control-message.ts';

const RESULT: ExplainResult = {
  isAnyoneAsked: true,
  selection: {
    selector: 'mine',
    decidedBy: 'selector',
    reason: 'cheapest first',
    routes: [['ses', 'own', 'far']],
    durationMs: 1,
  },
  routes: [
    {
      recipients: ['a@example.org', 'b@example.net'],
      candidates: [
        {
          downstream: 'ses',
          addr: 'ses.example:587',
          state: 'down',
          passedOver: { code: 'ROUTER_DOWNSTREAM_DOWN', message: 'It is down.' },
        },
        { downstream: 'own', addr: 'own', state: 'up' },
        { downstream: 'far', addr: 'far:25', state: 'up' },
      ],
    },
  ],
};

test('decision, candidates in order and what the client hears', () => {
  assert.deepEqual(explainLines(RESULT), [
    'mine chose ses, own, far: cheapest first',
    'to a@example.org, b@example.net',
    '  1. ses (ses.example:587, down): passed over: It is down. [ROUTER_DOWNSTREAM_DOWN]',
    '  2. own (up): would be tried first',
    '  3. far (far:25, up): would be tried when those before it fail',
    'The client hears what the downstream says.',
  ]);
});

test('where nobody is asked the reply is known', () => {
  const reply = { code: 451, text: '4.3.0 needs a spool' };
  assert.deepEqual(explainLines({ ...RESULT, reply, isAnyoneAsked: false }).slice(-3), [
    '  2. own (up): would not be tried',
    '  3. far (far:25, up): would not be tried',
    'The client hears 451 4.3.0 needs a spool',
  ]);
});

test('other senders are told where they are put in', () => {
  const rewritten = { mailFrom: 'r@own.example', from: 'app@own.example' };
  const candidate = { downstream: 'own', addr: 'own', state: 'up', rewritten };
  const routes = [{ recipients: ['a@example.org'], candidates: [candidate] }];
  assert.equal(
    explainLines({ ...RESULT, routes })[2],
    '  1. own (up): would be tried first, with <r@own.example> in the envelope and app@own.example in From',
  );
});

test('a verdict is shown with its text, a refused sender before everything', () => {
  const lines = explainLines({
    selection: { ...RESULT.selection, routes: [] },
    routes: [],
    isAnyoneAsked: false,
    verdict: { kind: 'reject', code: 550, text: 'not you' },
    reply: { code: 550, text: '5.7.1 not you' },
    refusal: { code: 550, text: '5.7.1 no' },
  });
  assert.deepEqual(lines, [
    'a client is refused before that: 550 5.7.1 no (allowed_senders)',
    'mine chose nobody: cheapest first',
    '  verdict reject: not you',
    'The client hears 550 5.7.1 not you',
  ]);
});

test('a fallback names the fault and what to do about it', () => {
  const selection = { ...RESULT.selection, decidedBy: 'fallback', faultCode: 'SELECTOR_NO_DRY_RUN' } as const;
  assert.deepEqual(explainLines({ ...RESULT, selection }).slice(0, 2), [
    'mine (its on_failure, because of SELECTOR_NO_DRY_RUN) chose ses, own, far: cheapest first',
    `  ${SELECTOR_ERRORS.SELECTOR_NO_DRY_RUN.remedy}`,
  ]);
});
