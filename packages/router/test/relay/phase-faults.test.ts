/**
 * Every phase of a session with every fault a downstream can have: what becomes of the message, whether
 * the next candidate is asked, and who is to blame. Real sockets, real engine, real blame table.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import { judgeAttempt } from '../../src/relay/judge-attempt.ts';
import { downstreamOptions, GENEROUS } from '../support/downstream-options.ts';
import {
  type ScriptAction,
  ScriptedDownstream,
  type ScriptedOptions,
  type ScriptVerb,
} from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';

const FAULTS = ['4xx', '5xx', '421', 'drop', 'reset', 'hang', 'garbage', 'endless'] as const;
type Fault = (typeof FAULTS)[number];

/** `kind blame next|stop`, in the order of `FAULTS`. */
type Expected = readonly string[];

const DOWN = 'deferred downstream next';
const LOST = 'deferred network next';
const MAYBE = 'ambiguous network stop';

const PHASES: Readonly<Record<string, { readonly verb: ScriptVerb; readonly expected: Expected }>> = {
  greeting: { verb: 'connect', expected: [DOWN, DOWN, DOWN, LOST, LOST, LOST, DOWN, DOWN] },
  ehlo: { verb: 'EHLO', expected: [DOWN, DOWN, DOWN, LOST, LOST, LOST, DOWN, DOWN] },
  auth: {
    verb: 'AUTH',
    expected: [DOWN, 'deferred credentials next', DOWN, LOST, LOST, LOST, DOWN, DOWN],
  },
  mail: { verb: 'MAIL', expected: [DOWN, 'failed identity next', DOWN, LOST, LOST, LOST, DOWN, DOWN] },
  rcpt: {
    verb: 'RCPT',
    expected: ['deferred recipient stop', 'failed recipient stop', DOWN, LOST, LOST, LOST, DOWN, DOWN],
  },
  data: { verb: 'DATA', expected: [DOWN, 'failed content stop', DOWN, LOST, LOST, LOST, DOWN, DOWN] },
  dot: {
    verb: 'dot',
    expected: [
      DOWN,
      'failed content stop',
      DOWN,
      MAYBE,
      MAYBE,
      MAYBE,
      'ambiguous downstream stop',
      'ambiguous downstream stop',
    ],
  },
};

const MAYBE_NONSENSE = 'ambiguous downstream stop';
const UNKNOWN: Expected = [MAYBE, MAYBE, MAYBE, MAYBE_NONSENSE, MAYBE_NONSENSE];

/** Content that leaves with its envelope is past its dot: only a reply says otherwise. */
const CHUNK_PHASES: Readonly<Record<string, { readonly verb: ScriptVerb; readonly expected: Expected }>> = {
  mail: { verb: 'MAIL', expected: [DOWN, 'failed identity next', DOWN, ...UNKNOWN] },
  rcpt: { verb: 'RCPT', expected: ['deferred recipient stop', 'failed recipient stop', DOWN, ...UNKNOWN] },
  dot: { verb: 'BDAT', expected: [DOWN, 'failed content stop', DOWN, ...UNKNOWN] },
};

const WITH_CHUNKING = { keywords: ['PIPELINING', 'CHUNKING', 'AUTH PLAIN'] };
const CREDENTIALS = { username: 'login', password: 'secret' };

for (const [phase, { verb, expected }] of Object.entries(PHASES)) {
  for (const [index, fault] of FAULTS.entries()) {
    test(`In phase ${phase}, ${fault}: ${expected[index]}`, async () => {
      assert.equal(await playFault(phase, verb, fault), expected[index]);
    });
  }
}

for (const [phase, { verb, expected }] of Object.entries(CHUNK_PHASES)) {
  for (const [index, fault] of FAULTS.entries()) {
    test(`Content sent with the envelope, in phase ${phase}, ${fault}: ${expected[index]}`, async () => {
      assert.equal(await playFault('dot', verb, fault, WITH_CHUNKING), expected[index]);
    });
  }
}

test('In phase connect, a closed port: deferred network next', async () => {
  const server = await ScriptedDownstream.start();
  const { port } = server;
  await server.stop();
  assert.equal(await attemptAt(port, {}), LOST);
});

async function playFault(
  phase: string,
  verb: ScriptVerb,
  fault: Fault,
  options: ScriptedOptions = {},
): Promise<string> {
  const server = await ScriptedDownstream.start({ [verb]: actionFor(fault) }, options);
  try {
    return await attemptAt(server.port, fault === 'hang' ? { timeouts: shortened(phase) } : {});
  } finally {
    await server.stop();
  }
}

async function attemptAt(port: number, changes: Parameters<typeof downstreamOptions>[1]): Promise<string> {
  const downstream = new SmtpDownstream(downstreamOptions(port, { credentials: CREDENTIALS, ...changes }));
  const message = testMessage();
  const report = await downstream.attempt({
    message,
    recipients: message.envelope.forwardPaths,
    isAllOrNothing: true,
    deadlineAt: performance.now() + 60_000,
  });
  downstream.destroy();
  const [judgement] = judgeAttempt('ses', report, 1);
  assert.ok(judgement !== undefined && judgement.outcome.kind !== 'delivered');
  const { kind, blame } = judgement.outcome;
  return `${kind} ${blame} ${judgement.isNextTried ? 'next' : 'stop'}`;
}

function actionFor(fault: Fault): ScriptAction {
  switch (fault) {
    case '4xx':
      return '451 not now';
    case '5xx':
      return '550 no';
    case '421':
      return '421 closing';
    default:
      return { fault };
  }
}

/** Only the phase that hangs has a short time-out, so that a busy machine ends no other. */
function shortened(phase: string): typeof GENEROUS {
  return { ...GENEROUS, [`${phase}Ms`]: 60 };
}
