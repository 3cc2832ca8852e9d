import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SelectReply } from '@smtp-router/selector/contract';
import { SelectorError } from '@smtp-router/selector/errors';
import { requestFor } from '@smtp-router/selector/testing';
import { type CaseAnswer, differencesOf } from '../../src/authoring/case-difference.ts';

const REQUEST = requestFor({
  to: ['a@x.example', 'b@x.example', 'c@y.example'],
  downstreams: ['ses', 'own'],
});

function answered(reply: SelectReply): CaseAnswer {
  return { kind: 'reply', reply };
}

const ORDER = answered({
  kind: 'route',
  routes: [{ recipientIds: [], candidateIds: ['own', 'ses'] }],
  reason: 'the cheapest healthy one',
});
const SPLIT = answered({
  kind: 'route',
  routes: [
    { recipientIds: [2], candidateIds: ['ses'] },
    { recipientIds: [1, 0], candidateIds: ['own', 'ses'] },
  ],
  reason: '',
});
const VERDICT = answered({ kind: 'reject', code: 554, text: 'Not this one', reason: 'policy' });
const FAULT: CaseAnswer = {
  kind: 'fault',
  error: new SelectorError('SELECTOR_EMPTY_REPLY', 'It chose nothing.'),
};

test('what is expected and decided alike makes no difference', () => {
  assert.deepEqual(
    differencesOf({ routes: ['own', 'ses'], first: 'own', reason: 'cheapest' }, ORDER, REQUEST),
    [],
  );
  const routes = [
    { to: ['a@x.example', 'b@x.example'], by: ['own', 'ses'] },
    { to: ['c@y.example'], by: ['ses'] },
  ];
  assert.deepEqual(differencesOf({ routes }, SPLIT, REQUEST), []);
  assert.deepEqual(differencesOf({ verdict: 'reject', code: 554, text: 'this' }, VERDICT, REQUEST), []);
  assert.deepEqual(differencesOf({ fault: 'chose nothing' }, FAULT, REQUEST), []);
  assert.deepEqual(differencesOf({ fault: 'SELECTOR_EMPTY_REPLY' }, FAULT, REQUEST), []);
});

test('every expectation that is not met is shown beside what was decided', () => {
  assert.deepEqual(differencesOf({ routes: ['ses', 'own'], reason: 'dearest' }, ORDER, REQUEST), [
    { key: 'routes', expected: 'ses, own', actual: 'own, ses' },
    { key: 'reason', expected: '… dearest …', actual: 'the cheapest healthy one' },
  ]);
  assert.deepEqual(differencesOf({ first: 'own' }, SPLIT, REQUEST), [
    { key: 'first', expected: 'own', actual: 'ses and own' },
  ]);
  assert.deepEqual(differencesOf({ routes: ['ses'] }, SPLIT, REQUEST), [
    { key: 'routes', expected: 'ses', actual: 'a@x.example b@x.example: own, ses | c@y.example: ses' },
  ]);
  assert.deepEqual(differencesOf({ verdict: 'defer' }, ORDER, REQUEST), [
    { key: 'verdict', expected: 'defer', actual: 'nothing' },
  ]);
});

test('a fault nobody expected is all there is to say, and one that did not happen is missed', () => {
  assert.deepEqual(differencesOf({ routes: ['ses'], reason: 'x' }, FAULT, REQUEST), [
    { key: 'fault', expected: 'none', actual: 'It chose nothing. SELECTOR_EMPTY_REPLY' },
  ]);
  assert.deepEqual(differencesOf({ fault: 'nothing' }, ORDER, REQUEST), [
    { key: 'fault', expected: '… nothing …', actual: 'nothing' },
  ]);
});
