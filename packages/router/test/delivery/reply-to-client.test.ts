import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SmtpReply } from '@smtp-router/smtp/grammar';
import fc from 'fast-check';
import {
  type AmbiguousPolicy,
  FINAL_REPLY_CODES,
  replyToClient,
  type Settlement,
} from '../../src/delivery/reply-to-client.ts';
import type { Blame, Outcome, UndeliveredOutcome } from '../../src/message/outcome.ts';
import {
  ALL_SAMPLES,
  delivered,
  heldBack,
  type OutcomeSample,
  TYPICAL_SAMPLES,
  undelivered,
} from './outcome-samples.ts';

const POLICIES: readonly AmbiguousPolicy[] = ['at_least_once', 'at_most_once'];
const OURS: readonly Blame[] = ['network', 'credentials', 'throttle', 'router'];
const LOGIN_CODES: readonly (number | undefined)[] = [530, 534, 535, 538];

function settle(samples: readonly OutcomeSample[], ambiguous: AmbiguousPolicy = 'at_least_once'): Settlement {
  const known = samples.flatMap(({ outcome }, id) => (outcome === undefined ? [] : [[id, outcome] as const]));
  return {
    messageId: 'id-1',
    recipientIds: samples.map((_, id) => id),
    outcomes: new Map<number, Outcome>(known),
    ambiguous,
  };
}

function replyFor(...outcomes: readonly (Outcome | undefined)[]): SmtpReply {
  return replyToClient(settle(outcomes.map((outcome) => ({ name: '', outcome }))));
}

function textOf(reply: SmtpReply): string {
  return reply.lines.join(' ');
}

/** True when nobody but the sender can help: the rule in the words of the promise, not of the code. */
function isFinalRefusal(outcome: UndeliveredOutcome): boolean {
  const code = outcome.reply?.code;
  if (outcome.kind !== 'failed' || OURS.includes(outcome.blame) || LOGIN_CODES.includes(code)) return false;
  return code === undefined || code >= 500;
}

/** What must hold for every settlement, checked against the outcomes themselves. */
function checkPromises(samples: readonly OutcomeSample[], policy: AmbiguousPolicy): void {
  const reply = replyToClient(settle(samples, policy));
  const about = `${samples.map((sample) => sample.name).join(' + ')} (${policy}) → ${reply.code}`;
  const isAllDelivered = samples.every(({ outcome }) => outcome?.kind === 'delivered');
  assert.equal(reply.code === 250, isAllDelivered, `250 exactly when everybody was delivered: ${about}`);
  assert.ok(
    FINAL_REPLY_CODES.some((code) => code === reply.code),
    `code allowed at end of data: ${about}`,
  );
  assert.equal(reply.enhancedCode?.[0], String(reply.code)[0], `classes agree: ${about}`);
  assert.equal(reply.lines.length, 1);
  assert.match(textOf(reply), /^[\x20-\x7e]{1,400}$/);
  if (reply.code >= 500) assertMayGiveUp(samples, policy, about);
}

/** The sender gives up on 5xx: then no recipient may be left that another try could have reached. */
function assertMayGiveUp(samples: readonly OutcomeSample[], policy: AmbiguousPolicy, about: string): void {
  const open = samples.flatMap(({ outcome }) => (outcome?.kind === 'delivered' ? [] : [outcome]));
  if (policy === 'at_most_once' && open.some((outcome) => outcome?.kind === 'ambiguous')) return;
  const refusals = open.filter((outcome) => outcome?.errorCode !== 'ROUTER_ALL_OR_NOTHING');
  const isFinal = refusals.length > 0 && refusals.every((outcome) => outcome && isFinalRefusal(outcome));
  assert.ok(isFinal, `5xx only when every refusal is final: ${about}`);
}

test('one recipient: every outcome there is keeps the promises', () => {
  for (const sample of ALL_SAMPLES) for (const policy of POLICIES) checkPromises([sample], policy);
});

test('two recipients: every outcome with every typical one keeps the promises, in both orders', () => {
  for (const policy of POLICIES) {
    for (const any of ALL_SAMPLES) {
      for (const typical of TYPICAL_SAMPLES) {
        checkPromises([any, typical], policy);
        checkPromises([typical, any], policy);
      }
    }
  }
});

test('three recipients: every triple of typical outcomes keeps the promises', () => {
  for (const a of TYPICAL_SAMPLES) {
    for (const b of TYPICAL_SAMPLES) {
      for (const c of TYPICAL_SAMPLES) checkPromises([a, b, c], 'at_least_once');
    }
  }
});

test('any number of recipients keeps the promises', () => {
  const samples = fc.array(fc.constantFrom(...ALL_SAMPLES), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(samples, fc.constantFrom(...POLICIES), (recipients, policy) =>
      checkPromises(recipients, policy),
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
  );
});

test('a message without recipients is never confirmed', () => {
  assert.equal(replyFor().code, 451);
});

test('250 names the downstream, our id and the downstream’s own word', () => {
  assert.deepEqual(replyFor(delivered('ses')), {
    code: 250,
    enhancedCode: '2.0.0',
    lines: ['Ok: relayed via ses, id id-1: 250 2.0.0 Ok: queued as 4711'],
  });
});

test('the code of a downstream becomes one a client may hear', () => {
  const table: readonly (readonly [UndeliveredOutcome['kind'], Blame, number | undefined, number, string])[] =
    [
      ['failed', 'recipient', 550, 550, '5.1.1'],
      ['failed', 'recipient', 551, 550, '5.1.1'],
      ['failed', 'recipient', 553, 550, '5.1.1'],
      ['failed', 'content', 552, 552, '5.1.1'],
      ['failed', 'content', 554, 554, '5.1.1'],
      ['failed', 'content', 500, 554, '5.1.1'],
      ['failed', 'downstream', 521, 554, '5.1.1'],
      ['failed', 'identity', 550, 550, '5.1.1'],
      ['failed', 'identity', 530, 451, '4.7.1'],
      ['failed', 'credentials', 535, 451, '4.3.5'],
      ['failed', 'credentials', 550, 451, '4.3.5'],
      ['failed', 'network', 554, 451, '4.4.1'],
      ['deferred', 'recipient', 450, 450, '4.1.1'],
      ['deferred', 'recipient', 451, 451, '4.1.1'],
      ['deferred', 'recipient', 452, 452, '4.1.1'],
      ['deferred', 'downstream', 421, 451, '4.1.1'],
      ['deferred', 'throttle', 454, 451, '4.1.1'],
      ['deferred', 'downstream', 554, 451, '4.3.0'],
      ['deferred', 'network', undefined, 451, '4.4.1'],
      ['ambiguous', 'network', undefined, 451, '4.4.2'],
    ];
  for (const [kind, blame, code, expectedCode, expectedEnhanced] of table) {
    const reply = replyFor(undelivered(kind, blame, code));
    assert.deepEqual(
      [reply.code, reply.enhancedCode],
      [expectedCode, expectedEnhanced],
      `${kind} ${blame} ${code}`,
    );
  }
});

test('two recipients, one refused: nobody gets it and the client hears that refusal', () => {
  for (const outcomes of [
    [undelivered('failed', 'recipient', 550, 'no such user'), heldBack()],
    [heldBack(), undelivered('failed', 'recipient', 550, 'no such user')],
  ]) {
    const reply = replyFor(...outcomes);
    assert.equal(reply.code, 550);
    assert.equal(reply.enhancedCode, '5.1.1');
    assert.equal(textOf(reply), 'first said: 550 5.1.1 no such user (id id-1)');
  }
});

test('two recipients, one deferred and one refused: 451 with the word that leaves hope', () => {
  const reply = replyFor(
    undelivered('failed', 'recipient', 550),
    undelivered('deferred', 'recipient', 450, 'mailbox busy'),
  );
  assert.equal(reply.code, 451);
  assert.match(textOf(reply), /450 4\.1\.1 mailbox busy/);
});

test('several recipients deferred with 452 hear 451: 452 would speak of one recipient', () => {
  const deferral = undelivered('deferred', 'recipient', 452);
  assert.equal(replyFor(deferral, deferral).code, 451);
});

test('at_most_once answers an unanswered dot with 554 5.4.7, even beside a refusal', () => {
  const samples = [
    { name: '', outcome: undelivered('failed', 'recipient', 550) },
    { name: '', outcome: undelivered('ambiguous', 'network') },
  ];
  const reply = replyToClient(settle(samples, 'at_most_once'));
  assert.deepEqual([reply.code, reply.enhancedCode], [554, '5.4.7']);
});

test('a verdict of the selector is answered in its class, whatever code it wishes', () => {
  const table: readonly (readonly ['reject' | 'defer' | 'hold', number, number])[] = [
    ['reject', 0, 550],
    ['reject', 552, 552],
    ['reject', 554, 554],
    ['reject', 250, 550],
    ['reject', 451, 550],
    ['reject', 535, 550],
    ['defer', 0, 451],
    ['defer', 450, 450],
    ['defer', 452, 452],
    ['defer', 250, 451],
    ['defer', 550, 451],
    ['defer', 421, 451],
    ['hold', 0, 451],
    ['hold', 250, 451],
    ['hold', 550, 451],
  ];
  for (const [kind, code, expected] of table) {
    const reply = replyToClient({ ...settle([]), verdict: { kind, code, text: 'full\r\n250 Ok' } });
    assert.equal(reply.code, expected, `${kind} ${code}`);
    assert.match(textOf(reply), /^[\x20-\x7e]{1,400}$/);
  }
});

test('foreign text can neither break a reply nor grow it', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 3_000 });
  fc.assert(
    fc.property(anything, anything, fc.boolean(), (text, name, isDelivered) => {
      const base = undelivered('failed', 'recipient', 550, text);
      const outcome = isDelivered
        ? { ...delivered(name), reply: { code: 250, lines: [text, text] } }
        : { ...base, downstreamId: name };
      const reply = replyFor(outcome);
      assert.match(textOf(reply), /^[\x20-\x7e]{1,400}$/);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
  );
});

test('a downstream that repeats our login in its refusal does not tell it to the client', () => {
  for (const code of [535, 550, 451]) {
    const reply = replyFor(undelivered('deferred', 'credentials', code, 'login app/S3CRET refused'));
    assert.doesNotMatch(textOf(reply), /S3CRET/);
    assert.match(textOf(reply), new RegExp(`first said: ${code}`));
  }
});

test('what every candidate is known to refuse is answered without having asked', () => {
  const table = [
    ['ROUTER_SIZE_EXCEEDED', 552, '5.3.4'],
    ['ROUTER_8BITMIME_NOT_OFFERED', 554, '5.6.3'],
    ['ROUTER_SMTPUTF8_NOT_OFFERED', 554, '5.6.7'],
  ] as const;
  for (const [errorCode, code, enhancedCode] of table) {
    const reply = replyFor({ ...undelivered('failed', 'capability'), errorCode });
    assert.deepEqual([reply.code, reply.enhancedCode], [code, enhancedCode]);
  }
});
