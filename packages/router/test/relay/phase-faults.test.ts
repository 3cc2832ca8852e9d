/**
 * Every phase of a session with every fault a downstream can have: what becomes of the message there,
 * who is to blame, whether the next candidate is asked, and whether the downstream's health suffers.
 * Real relay, sockets, engine and blame table; time stands still until a test moves it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownstreamOptions } from '../../src/downstream/downstream-options.ts';
import type { HealthVerdict } from '../../src/downstream/health-watch.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import { Relay } from '../../src/relay/relay.ts';
import type { RelayResult } from '../../src/relay/relay-result.ts';
import { InOrder } from '../../src/selection/in-order.ts';
import { createStrategySelection } from '../../src/selection/strategy-selection.ts';
import { downstreamOptions, GENEROUS } from '../support/downstream-options.ts';
import {
  type Script,
  type ScriptAction,
  ScriptedDownstream,
  type ScriptedOptions,
  type ScriptVerb,
} from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

const FAULTS = ['4xx', '5xx', '421', 'drop', 'reset', 'hang', 'drip', 'garbage', 'endless'] as const;
type Fault = (typeof FAULTS)[number];

/** `kind blame next|stop counts|spares`, in the order of `FAULTS`. */
type Expected = readonly string[];

interface Phase {
  readonly verb: ScriptVerb;
  readonly server?: ScriptedOptions;
  readonly downstream?: Partial<DownstreamOptions>;
  readonly expected: Expected;
}

const DOWN = 'deferred downstream next counts';
const LOST = 'deferred network next counts';
const MAYBE = 'ambiguous network stop counts';
const MAYBE_NONSENSE = 'ambiguous downstream stop counts';
/** From `drop` to `endless`. */
const UNFINISHED: Expected = [LOST, LOST, LOST, LOST, DOWN, DOWN];
const UNKNOWN: Expected = [MAYBE, MAYBE, MAYBE, MAYBE, MAYBE_NONSENSE, MAYBE_NONSENSE];

const CREDENTIALS = { username: 'login', password: 'secret' };
const STARTTLS: Pick<Phase, 'server' | 'downstream'> = {
  server: { certificate: 'good' },
  downstream: { tls: 'starttls' },
};

/** A connection that is dropped, reset or silent before its greeting is in the row of the greeting. */
const PHASES: Readonly<Record<string, Phase>> = {
  greeting: { verb: 'connect', expected: [DOWN, DOWN, DOWN, ...UNFINISHED] },
  ehlo: { verb: 'EHLO', expected: [DOWN, DOWN, DOWN, ...UNFINISHED] },
  starttls: { verb: 'STARTTLS', ...STARTTLS, expected: [DOWN, DOWN, DOWN, ...UNFINISHED] },
  auth: { verb: 'AUTH', expected: [DOWN, 'deferred credentials next counts', DOWN, ...UNFINISHED] },
  mail: { verb: 'MAIL', expected: [DOWN, 'failed identity next spares', DOWN, ...UNFINISHED] },
  rcpt: {
    verb: 'RCPT',
    expected: ['deferred recipient stop spares', 'failed recipient stop spares', DOWN, ...UNFINISHED],
  },
  data: { verb: 'DATA', expected: [DOWN, 'failed content stop spares', DOWN, ...UNFINISHED] },
  dot: { verb: 'dot', expected: [DOWN, 'failed content stop spares', DOWN, ...UNKNOWN] },
};

const WITH_CHUNKING: ScriptedOptions = { keywords: ['PIPELINING', 'CHUNKING', 'AUTH PLAIN'] };

/** Content that leaves with its envelope is past its dot: only a reply says otherwise. */
const CHUNK_PHASES: Readonly<Record<string, Phase>> = {
  mail: {
    verb: 'MAIL',
    server: WITH_CHUNKING,
    expected: [DOWN, 'failed identity next spares', DOWN, ...UNKNOWN],
  },
  rcpt: {
    verb: 'RCPT',
    server: WITH_CHUNKING,
    expected: ['deferred recipient stop spares', 'failed recipient stop spares', DOWN, ...UNKNOWN],
  },
  dot: {
    verb: 'BDAT',
    server: WITH_CHUNKING,
    expected: [DOWN, 'failed content stop spares', DOWN, ...UNKNOWN],
  },
};

for (const [table, prefix] of [
  [PHASES, 'In phase'],
  [CHUNK_PHASES, 'Content sent with the envelope, in phase'],
] as const) {
  for (const [name, phase] of Object.entries(table)) {
    for (const [index, fault] of FAULTS.entries()) {
      test(`${prefix} ${name}, ${fault}: ${phase.expected[index]}`, async () => {
        assert.equal(await playFault(phase, fault), phase.expected[index]);
      });
    }
  }
}

/** Faults at RSET and QUIT concern no message: whatever comes, the downstream takes the next one. */
for (const fault of FAULTS) {
  test(`A kept connection that meets RSET with ${fault} costs nothing but itself`, async () => {
    const script = [{ RSET: actionFor(fault) }, {}];
    await withRig({ script }, async ({ first, server, clock, send }) => {
      await send();
      clock.advance(31_000);
      const sending = send();
      await server.received('RSET');
      await waitOut(fault, clock, 5_000);
      assert.equal(describe(await sending), 'delivered');
      assert.equal(server.contents.length, 2);
      assert.deepEqual(first.verdicts, [{ kind: 'delivered' }, { kind: 'delivered' }]);
    });
  });

  test(`A connection that meets QUIT with ${fault} is closed all the same`, async () => {
    const script = { QUIT: actionFor(fault) };
    const downstream = { maxMessagesPerConnection: 1 };
    await withRig({ script, downstream }, async ({ first, server, clock, send }) => {
      await send();
      await server.received('QUIT');
      await waitOut(fault, clock, 1_000);
      assert.equal(describe(await send()), 'delivered');
      await server.received('QUIT', 2);
      await waitOut(fault, clock, 1_000);
      await first.downstream.close();
      assert.equal(server.contents.length, 2);
      assert.deepEqual(first.verdicts, [{ kind: 'delivered' }, { kind: 'delivered' }]);
    });
  });
}

test('In phase connect, a closed port: deferred network next', async () => {
  const server = await ScriptedDownstream.start();
  const { port } = server;
  await server.stop();
  await withRig({ downstream: { port } }, async ({ first, spare, send }) => {
    assert.equal(summarize(await send(), first.verdicts, spare), LOST);
  });
});

test('In phase connect, silence: deferred network next', async () => {
  await withRig({}, async ({ first, spare, clock, send }) => {
    const sending = send();
    // No I/O has been polled for yet: the connection is under way for certain.
    for (let turn = 0; turn < 50; turn += 1) await null;
    clock.advance(GENEROUS.connectMs);
    assert.equal(summarize(await sending, first.verdicts, spare), LOST);
  });
});

test('In phase tls, what is no TLS: deferred downstream next', async () => {
  const downstream = { tls: 'implicit' } as const;
  await withRig({ downstream }, async ({ first, spare, send }) => {
    assert.equal(summarize(await send(), first.verdicts, spare), DOWN);
  });
});

test('In phase tls, silence: deferred network next', async () => {
  const script = { connect: { fault: 'hang' } } as const;
  const downstream = { tls: 'implicit', timeouts: { ...GENEROUS, connectMs: 60_000 } } as const;
  await withRig({ script, downstream }, async ({ first, spare, server, clock, send }) => {
    const sending = send();
    // The first bytes are those of the handshake.
    while (server.chunks.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(GENEROUS.tlsMs);
    assert.equal(summarize(await sending, first.verdicts, spare), LOST);
  });
});

interface Rig {
  readonly server: ScriptedDownstream;
  readonly spare: ScriptedDownstream;
  readonly first: { readonly downstream: SmtpDownstream; readonly verdicts: readonly HealthVerdict[] };
  readonly clock: TestClock;
  readonly send: () => Promise<RelayResult>;
}

interface RigOptions {
  readonly script?: Script | readonly Script[];
  readonly server?: ScriptedOptions;
  readonly downstream?: Partial<DownstreamOptions>;
}

/** A relay with two downstreams: the first as told, a spare one without fault. */
async function withRig(options: RigOptions, run: (rig: Rig) => Promise<void>): Promise<void> {
  const clock = new TestClock();
  const server = await ScriptedDownstream.start(options.script, options.server);
  const spare = await ScriptedDownstream.start();
  const verdicts: HealthVerdict[] = [];
  const changes = { clock, credentials: CREDENTIALS, isTlsVerified: false, ...options.downstream };
  const first = new SmtpDownstream(downstreamOptions(server.port, { name: 'first', ...changes }));
  const second = new SmtpDownstream(downstreamOptions(spare.port, { name: 'second', clock }));
  const judged = first.judged.bind(first);
  first.judged = (verdict) => {
    verdicts.push(verdict);
    judged(verdict);
  };
  const selection = createStrategySelection({ name: 'in-order', selector: new InOrder(), clock });
  const relay = new Relay({
    users: new Map([['app@example.com', { selection, downstreams: [first, second] }]]),
    events: { emit: () => {} },
    clock,
  });
  const send = (): Promise<RelayResult> =>
    relay.relay(testMessage(), { attempt: 1, deadlineAt: clock.now() + 600_000, isAllOrNothing: true });
  try {
    await run({ server, spare, first: { downstream: first, verdicts }, clock, send });
  } finally {
    first.destroy();
    second.destroy();
    await server.stop();
    await spare.stop();
  }
}

async function playFault({ verb, server: serverOptions, downstream }: Phase, fault: Fault): Promise<string> {
  let summary = '';
  const options = {
    script: { [verb]: actionFor(fault) },
    ...(serverOptions !== undefined && { server: serverOptions }),
    ...(downstream !== undefined && { downstream }),
  };
  await withRig(options, async ({ server, spare, first, clock, send }) => {
    const sending = send();
    await server.received(verb);
    await waitOut(fault, clock, 30_000);
    summary = summarize(await sending, first.verdicts, spare);
  });
  return summary;
}

/** Lets the time-out of a phase pass where nothing else ends it. */
async function waitOut(fault: Fault, clock: TestClock, timeoutMs: number): Promise<void> {
  if (fault !== 'hang' && fault !== 'drip') return;
  // What was written together with the command that hangs is on its way.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(timeoutMs);
}

/** What the first downstream made of the message, and what was done about it. */
function summarize(
  result: RelayResult,
  verdicts: readonly HealthVerdict[],
  spare: ScriptedDownstream,
): string {
  const outcome = result.attempts[0]?.outcomes[0];
  assert.ok(outcome !== undefined && outcome.kind !== 'delivered');
  const isNextAsked = result.attempts.length > 1;
  assert.equal(spare.contents.length, isNextAsked ? 1 : 0);
  assert.equal(describe(result), isNextAsked ? 'delivered' : outcome.kind);
  const health = verdicts.some(({ kind }) => kind === 'blamed') ? 'counts' : 'spares';
  return `${outcome.kind} ${outcome.blame} ${isNextAsked ? 'next' : 'stop'} ${health}`;
}

function describe({ outcomes }: RelayResult): string {
  return outcomes.get(0)?.kind ?? 'none';
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
