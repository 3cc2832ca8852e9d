import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AttemptLimit } from '../../src/downstream/attempt-limit.ts';
import type { AttemptReport, AttemptRequest } from '../../src/downstream/attempt-report.ts';
import { SmtpDownstream } from '../../src/downstream/smtp-downstream.ts';
import type { Outcome } from '../../src/message/outcome.ts';
import { type RouteResult, runRoute } from '../../src/relay/route-run.ts';
import { downstreamOptions } from '../support/downstream-options.ts';
import { broken, FakeDownstream, refused, TAKEN, withheld } from '../support/fake-downstream.ts';
import { type Script, ScriptedDownstream } from '../support/scripted-downstream.ts';
import { testMessage } from '../support/test-message.ts';
import { TestClock } from '../test-clock.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) };

type Candidate = Parameters<typeof runRoute>[0]['candidates'][number];

/** A message for so many, where parts may be delivered. */
function run(count: number, ...candidates: readonly Candidate[]): Promise<RouteResult> {
  const clock = new TestClock();
  const message = testMessage({ recipients: Array.from({ length: count }, (_, id) => `r${id}@x.example`) });
  const deadlineAt = performance.now() + 60_000;
  return runRoute({
    message,
    recipients: message.envelope.forwardPaths,
    candidates,
    call: { attempt: 1, deadlineAt, isAllOrNothing: false },
    limit: new AttemptLimit(clock, deadlineAt),
    events: { emit() {} },
  });
}

/** Each recipient's outcome in a word. */
function words({ outcomes }: RouteResult): readonly string[] {
  return [...outcomes].toSorted(([a], [b]) => a - b).map(([, outcome]) => word(outcome));
}

function word(outcome: Outcome): string {
  if (outcome.kind === 'delivered') return outcome.downstreamId;
  return `${outcome.kind} ${outcome.blame}`;
}

function idsOf({ attempts }: RouteResult): readonly (readonly number[])[] {
  return attempts.map(({ recipientIds }) => recipientIds);
}

function partly(...codes: readonly number[]): typeof TAKEN {
  return { ...TAKEN, recipientCodes: codes };
}

test('more recipients than max_recipients go in several transactions', async () => {
  const ses = new FakeDownstream('ses');
  ses.maxRecipients = 2;
  const result = await run(5, ses);
  assert.deepEqual(idsOf(result), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(words(result), ['ses', 'ses', 'ses', 'ses', 'ses']);
});

test('each recipient keeps the outcome of its own transaction', async () => {
  const ses = new FakeDownstream('ses', partly(250, 550), refused('dot', 554), partly(250));
  ses.maxRecipients = 2;
  const result = await run(5, ses, new FakeDownstream('own'));
  assert.deepEqual(words(result), ['ses', 'failed recipient', 'failed content', 'failed content', 'ses']);
});

test('a part of which all are refused does not keep the others back', async () => {
  const ses = new FakeDownstream('ses', withheld(550, 550));
  ses.maxRecipients = 2;
  assert.deepEqual(words(await run(4, ses)), ['failed recipient', 'failed recipient', 'ses', 'ses']);
});

test('a recipient refused for want of a login goes to the next downstream, the others stay', async () => {
  const ses = new FakeDownstream('ses', partly(250, 530));
  ses.maxRecipients = 2;
  const own = new FakeDownstream('own');
  const result = await run(4, ses, own);
  assert.deepEqual(words(result), ['ses', 'own', 'ses', 'ses']);
  assert.deepEqual(idsOf(result), [[0, 1], [2, 3], [1]]);
});

test('a downstream that breaks is not asked for the rest: the next one is', async () => {
  for (const trouble of [broken('connect'), broken('data'), refused('mail', 451), refused('mail', 550)]) {
    const ses = new FakeDownstream('ses', TAKEN, trouble);
    ses.maxRecipients = 1;
    const result = await run(4, ses, new FakeDownstream('own'));
    assert.deepEqual(words(result), ['ses', 'own', 'own', 'own']);
    assert.equal(ses.requests.length, 2);
  }
});

test('without another downstream those who were not asked share its trouble', async () => {
  const ses = new FakeDownstream('ses', TAKEN, broken('connect'));
  ses.maxRecipients = 1;
  assert.deepEqual(words(await run(3, ses)), ['ses', 'deferred network', 'deferred network']);
});

test('a dot without an answer leaves only its own recipients in doubt', async () => {
  const ses = new FakeDownstream('ses', broken('dot'));
  ses.maxRecipients = 2;
  assert.deepEqual(words(await run(4, ses)), [
    'ambiguous network',
    'ambiguous network',
    'deferred network',
    'deferred network',
  ]);
  const again = new FakeDownstream('ses', broken('dot'));
  again.maxRecipients = 2;
  assert.deepEqual(words(await run(3, again, new FakeDownstream('own'))), [
    'ambiguous network',
    'ambiguous network',
    'own',
  ]);
});

interface Rig {
  readonly server: ScriptedDownstream;
  readonly ses: SmtpDownstream;
}

async function withServer(
  script: Script,
  use: (rig: Rig) => Promise<void>,
  keywords?: readonly string[],
): Promise<void> {
  const server = await ScriptedDownstream.start(script, keywords === undefined ? {} : { keywords });
  const ses = new SmtpDownstream(downstreamOptions(server.port));
  try {
    await use({ server, ses });
  } finally {
    ses.destroy();
    await server.stop();
  }
}

for (const keywords of [['PIPELINING'], []] as const) {
  const how = keywords.length > 0 ? 'with' : 'without';
  test(`452 4.5.3: the rest goes in a next transaction on the same connection, ${how} PIPELINING`, async () => {
    const tooMany = '452 4.5.3 too many recipients';
    const RCPT = ['250 ok', '250 ok', tooMany, tooMany, '250 ok', '550 5.1.1 unknown'];
    await withServer(
      { RCPT },
      async ({ server, ses }) => {
        const result = await run(4, ses);
        assert.deepEqual(words(result), ['ses', 'ses', 'ses', 'failed recipient']);
        assert.deepEqual(idsOf(result), [
          [0, 1, 2, 3],
          [2, 3],
        ]);
        assert.equal(server.connections, 1);
        assert.equal(server.contents.length, 2);
      },
      keywords,
    );
  });
}

test('452 4.5.3 to everybody is no reason to ask again', async () => {
  await withServer({ RCPT: '452 4.5.3 too many recipients' }, async ({ server, ses }) => {
    const result = await run(2, ses, new FakeDownstream('own'));
    assert.deepEqual(words(result), ['own', 'own']);
    assert.equal(server.commands.filter((line) => line.startsWith('MAIL')).length, 1);
  });
});

test('whatever a server takes at a time, everybody it knows gets the message exactly once', async () => {
  /** Takes so many, refuses some for good. */
  class LimitedDownstream extends FakeDownstream {
    readonly taken: number[] = [];
    #limit = 1;
    #unknown: ReadonlySet<number> = new Set();

    static of(limit: number, unknown: readonly number[]): LimitedDownstream {
      const limited = new LimitedDownstream('ses');
      limited.#limit = limit;
      limited.#unknown = new Set(unknown);
      return limited;
    }

    override async attempt(request: AttemptRequest): Promise<AttemptReport> {
      let room = this.#limit;
      const recipientReplies = request.recipients.map(({ id }) => {
        if (this.#unknown.has(id)) return { code: 550, enhancedCode: '5.1.1', lines: ['unknown'] };
        room -= 1;
        if (room < 0) return { code: 452, enhancedCode: '4.5.3', lines: ['too many'] };
        this.taken.push(id);
        return { code: 250, lines: ['ok'] };
      });
      this.requests.push(request);
      const isEmpty = recipientReplies.every(({ code }) => code !== 250);
      const { end } = isEmpty ? withheld() : TAKEN;
      return { startedAt: 1, durationMs: 1, recipientReplies, end };
    }
  }
  const count = fc.integer({ min: 2, max: 30 });
  const unknown = fc.array(fc.nat(30), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      count,
      fc.integer({ min: 1, max: 8 }),
      unknown,
      fc.integer({ min: 1, max: 12 }),
      async (size, limit, refusedIds, max) => {
        const ses = LimitedDownstream.of(limit, refusedIds);
        ses.maxRecipients = max;
        const expected = Array.from({ length: size }, (_, id) =>
          refusedIds.includes(id) ? 'failed recipient' : 'ses',
        );
        assert.deepEqual(words(await run(size, ses)), expected);
        const known = expected.flatMap((outcome, id) => (outcome === 'ses' ? [id] : []));
        assert.deepEqual(
          ses.taken.toSorted((a, b) => a - b),
          known,
        );
        assert.ok(ses.requests.every(({ recipients }) => recipients.length <= max));
      },
    ),
    RUNS,
  );
});
